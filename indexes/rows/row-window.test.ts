import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowSetForms } from './row-sets-testing.js';
import { firstFrom, setWindow } from './row-window.js';

const ROW_COUNT = 320;

const FORMS = rowSetForms(ROW_COUNT);

const run = fc.tuple(fc.nat(ROW_COUNT - 1), fc.oneof(fc.constant(1), fc.nat(90)));

test('a window of a set has the bits of its rows', () => {
  fc.assert(
    fc.property(
      fc.array(run, { maxLength: 6 }),
      fc.constantFrom(...FORMS),
      fc.nat(9).map((word) => 32 * word),
      fc.nat(ROW_COUNT),
      (runs, form, from, length) => {
        const rows = Array.from({ length: ROW_COUNT }, (_, row) => row).filter((row) =>
          runs.some(([first, count]) => row >= first && row < first + count),
        );
        const to = Math.min(ROW_COUNT, from + length);
        const within = rows.filter((row) => row >= from && row < to);
        const bits = new Uint32Array(Math.ceil(ROW_COUNT / 32) + 1);
        expect(setWindow(form(rows), from, to, bits)).toBe(within.length > 0);
        const found = Array.from({ length: 32 * bits.length }, (_, i) => i).filter(
          (i) => ((bits[i >>> 5]! >>> (i & 31)) & 1) === 1,
        );
        expect(found).toEqual(within.map((row) => row - from));
      },
    ),
    { numRuns: 500 },
  );
});

test('the first place from a number on', () => {
  const list = Uint32Array.of(2, 5, 9);
  expect([0, 2, 3, 9, 10].map((value) => firstFrom(list, value))).toEqual([0, 0, 1, 2, 3]);
});
