import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from './histogram.js';

test('it counts what is not above each bound, and everything in the end', () => {
  const values = fc.array(fc.oneof(fc.constantFrom(1, 2, 5), fc.nat(9)));
  fc.assert(
    fc.property(values, (all) => {
      const bounds = [1, 2, 5];
      const histogram = new Histogram(bounds);
      for (const value of all) histogram.add(value);
      const upTo = [...bounds, Number.POSITIVE_INFINITY];
      expect(histogram.cumulated()).toEqual(
        upTo.map((bound) => all.filter((value) => value <= bound).length),
      );
      expect(histogram.sum).toBe(all.reduce((sum, value) => sum + value, 0));
    }),
  );
});
