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
