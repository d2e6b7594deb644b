import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bundlesOf } from './job-bundles.js';

test.each([
  { rows: [], ends: [] },
  { rows: [5], ends: [1] },
  { rows: [5, 1000, 2], ends: [3] },
  { rows: [200_000, 200_000], ends: [1, 2] },
  { rows: [3, 200_000, 3, 4], ends: [1, 2, 4] },
  { rows: [1001, 3, 4], ends: [1, 3] },
  { rows: [900, 900, 900, 900, 900], ends: [4, 5] },
  { rows: new Array(70).fill(1), ends: [32, 64, 70] },
])('$rows', ({ rows, ends }) => {
  expect(bundlesOf(rows)).toEqual(ends);
});

test('cuts', () => {
  expect(bundlesOf([3, 4, 5, 6], new Set([1, 2]))).toEqual([1, 2, 4]);
  expect(bundlesOf([3, 4], new Set([0, 2]))).toEqual([2]);
});

test('every job is in one bundle, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(20), fc.nat(3000))), (rows) => {
      const ends = bundlesOf(rows);
      expect(ends.at(-1) ?? 0).toBe(rows.length);
      expect(ends.every((end, i) => end > (ends[i - 1] ?? 0))).toBe(true);
    }),
  );
});
