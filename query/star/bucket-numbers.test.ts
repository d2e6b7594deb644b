import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BucketNumbers } from './bucket-numbers.js';

test('each start has one number, in whatever order they come', () => {
  const runs = fc.array(fc.integer({ min: -3, max: 12 }), { maxLength: 40 });
  fc.assert(
    fc.property(runs, fc.boolean(), (given, isSorted) => {
      const starts = isSorted ? [...given].sort((a, b) => a - b) : given;
      const buckets = new BucketNumbers();
      const numbers = starts.map((start) => buckets.ordinal(start));
      expect(numbers.map((number) => buckets.all[number])).toEqual(starts);
      expect(buckets.all).toEqual([...new Set(starts)]);
    }),
  );
});
