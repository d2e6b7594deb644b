import { expect, test } from 'vitest';
import { rowsBytes } from './partial-bytes.js';

test('rows of one kind count alike, however many there are', () => {
  const rows = Array.from({ length: 10_000 }, () => ['abcd', 1, null]);
  // A place for the row; a list of three places, with a text of four letters in it.
  expect(rowsBytes(rows)).toBe(10_000 * (8 + 32 + 3 * 8 + 36));
  expect(rowsBytes([])).toBe(0);
});

test('lists, bytes and documents count with what they hold', () => {
  const plain = rowsBytes([[null]]);
  expect(rowsBytes([[new Uint8Array(1000)]])).toBe(plain + 96 + 1000);
  expect(rowsBytes([[['ab', 'cd']]])).toBe(plain + 32 + 2 * (8 + 34));
  expect(rowsBytes([[10n ** 18n]])).toBe(plain + 32);
  expect(rowsBytes([[{ a: 'x'.repeat(1000) }]])).toBeGreaterThan(plain + 1000);
  const [deep] = [Array.from({ length: 50 }, () => null).reduce<object>((a) => ({ a }), {})];
  expect(rowsBytes([[deep!]])).toBeLessThan(plain + 2000);
});

test('the end of a long answer counts too', () => {
  const rows = Array.from({ length: 128 }, (_, i) => [i < 64 ? '' : 'x'.repeat(1000)]);
  expect(rowsBytes(rows)).toBeGreaterThan(64_000);
});
