import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ties } from './ties.js';
import { countingUp, orderByTime } from './time-order.js';

/** Rows of words, few values each so that many are equal; some large, so that every digit counts. */
const word = fc.oneof(fc.nat(3), fc.constantFrom(0, 255, 256, 65_536, 2 ** 31, 2 ** 32 - 1));

const naiveOrder = (rows: readonly (readonly number[])[]): number[] =>
  rows
    .map((_, i) => i)
    .sort((a, b) => {
      const at = rows[a]!.findIndex((value, w) => value !== rows[b]![w]);
      return at < 0 ? a - b : rows[a]![at]! - rows[b]![at]!;
    });

function refined(rows: readonly (readonly number[])[], width: number, most = 0) {
  const order = countingUp(rows.length);
  const joined = new Uint8Array(rows.length);
  const ties = new Ties(order, [{ start: 0, length: rows.length }], joined);
  for (let w = 0; w < width; w++) {
    ties.refine(Uint32Array.from(ties.items, (row) => rows[row]![w]!));
    ties.note((done) => done + 1);
    ties.sortShort(most, (a, b, done) => {
      for (let at = done; at < width; at++) {
        if (rows[a]![at] !== rows[b]![at]) return rows[a]![at]! - rows[b]![at]!;
      }
      return 0;
    });
  }
  ties.settle();
  return { order: [...order], joined: [...joined] };
}

test('sorts by all words, stable, and tells which items are equal', () => {
  const rows = fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(rows, fc.nat(20), (some, most) => {
      const { order, joined } = refined(some, 3, most);
      expect(order).toEqual(naiveOrder(some));
      const equalsLast = (at: number) =>
        at > 0 && String(some[order[at]!]) === String(some[order[at - 1]!]);
      expect(joined).toEqual(order.map((_, at) => Number(equalsLast(at))));
    }),
  );
});

test('many items are sorted by wide digits', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => [
    (i * 7919) % 13,
    (Math.imul(i, 0x9e3779b1) >>> 0) % 4_000_000_000,
  ]);
  expect(refined(rows, 2).order).toEqual(naiveOrder(rows));
});

test('items of a word that does not go on are equal for good', () => {
  const words = [7, 5, 7, 5, 5];
  const order = countingUp(5);
  const joined = new Uint8Array(5);
  const ties = new Ties(order, [{ start: 0, length: 5 }], joined);
  ties.refine(Uint32Array.from(words), (value) => value === 5);
  expect([...order]).toEqual([1, 3, 4, 0, 2]);
  expect([...ties.items]).toEqual([1, 3, 4]);
  expect([...joined]).toEqual([0, 0, 0, 0, 1]);
});

test('times ascend, whatever safe integers they are', () => {
  const time = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -5, max: 5 }));
  fc.assert(
    fc.property(fc.array(time, { maxLength: 100 }), (times) => {
      const expected = naiveOrder(times.map((each) => [each]));
      expect([...orderByTime(Float64Array.from(times))]).toEqual(expected);
    }),
  );
});
