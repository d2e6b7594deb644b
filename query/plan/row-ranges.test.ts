import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowRanges } from './row-ranges.js';

test('ranges cover every row once and none is too long or empty', () => {
  fc.assert(
    fc.property(
      fc.nat(99),
      fc.nat(5000),
      fc.integer({ min: 1, max: 700 }),
      (first, rowCount, rowsPerJob) => {
        let next = first;
        for (const { from, to } of rowRanges({ from: first, to: first + rowCount }, rowsPerJob)) {
          expect(from).toBe(next);
          expect(to).toBeGreaterThan(from);
          expect(to - from).toBeLessThanOrEqual(rowsPerJob);
          next = to;
        }
        expect(next).toBe(first + rowCount);
      },
    ),
  );
});
