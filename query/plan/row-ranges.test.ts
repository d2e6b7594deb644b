import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowRanges } from './row-ranges.js';

test('ranges cover every row once and none is too long or empty', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.integer({ min: 1, max: 700 }), (rowCount, rowsPerJob) => {
      let next = 0;
      for (const { from, to } of rowRanges(rowCount, rowsPerJob)) {
        expect(from).toBe(next);
        expect(to).toBeGreaterThan(from);
        expect(to - from).toBeLessThanOrEqual(rowsPerJob);
        next = to;
      }
      expect(next).toBe(rowCount);
    }),
  );
});
