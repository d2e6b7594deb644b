import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeDoubles } from './merge-doubles.js';

test.each([1, 2, 3, 64, 2048, 2049])('runs of %i in one', (length) => {
  const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true }));
  const run = fc
    .array(number, { minLength: 1, maxLength: 40 })
    .map((few) => Float64Array.from({ length }, (_, i) => few[i % few.length]! + 0).sort());
  fc.assert(
    fc.property(run, run, (a, b) => {
      const expected = Float64Array.from([...a, ...b]).sort();
      expect(mergeDoubles(a, b).every((item, i) => item === expected[i])).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test.each([1, 16, 1024, 2048, 2049, 4096])(
  'half of what was merged is merged again: runs of %i',
  (length) => {
    const run = (from: number) => Float64Array.from({ length }, (_, i) => 4 * i + from);
    const sorted = (...all: ArrayLike<number>[]) =>
      Float64Array.from(all.flatMap((each) => Array.from(each))).sort();
    const half = mergeDoubles(run(0), run(1)).subarray(0, length);
    const expected = sorted(run(2), half);
    expect(mergeDoubles(run(2), half)).toEqual(expected);
    const other = mergeDoubles(run(0), run(1)).subarray(0, length);
    const both = sorted(other, run(3));
    expect(mergeDoubles(other, run(3))).toEqual(both);
  },
);
