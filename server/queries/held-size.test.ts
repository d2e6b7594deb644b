import { expect, test } from 'vitest';
import { heldBytes } from './held-size.js';

test('rows of one kind count alike, however many there are', () => {
  const rows = Array.from({ length: 10_000 }, () => ['abcd', 1, null]);
  // A list of three places, a text of four letters in an object, a number, a null.
  expect(heldBytes(rows)).toBe(10_000 * (16 + 3 * 8 + 20 + 8 + 8));
  expect(heldBytes([])).toBe(0);
});

test('lists, bytes and documents count with what they hold', () => {
  const [plain] = [[null]].map((row) => heldBytes([row]));
  expect(heldBytes([[new Uint8Array(1000)]])).toBe(plain! + 8 + 1000);
  expect(heldBytes([[['ab', 'cd']]])).toBe(plain! + 8 + 2 * (8 + 18));
  expect(heldBytes([[10n ** 18n]])).toBe(plain! + 8);
});

test('the end of a long answer counts too', () => {
  const rows = Array.from({ length: 64 }, (_, i) => [i < 32 ? '' : 'x'.repeat(1000)]);
  expect(heldBytes(rows)).toBeGreaterThan(32_000);
});
