import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortDoubles } from './sort-doubles.js';

test('the order of the typed array', () => {
  const few = fc.constantFrom(0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const number = fc.oneof(fc.double({ noNaN: true }), few);
  fc.assert(
    fc.property(fc.array(number, { maxLength: 200, size: 'max' }), fc.nat(5), (numbers, from) => {
      const all = Float64Array.from([...Array.from({ length: from }, () => 7), ...numbers]);
      const expected = Float64Array.from(numbers).sort();
      const sorted = sortDoubles(all.subarray(from));
      expect([...sorted]).toEqual([...expected]);
      expect([...all.subarray(0, from)].every((other) => other === 7)).toBe(true);
    }),
  );
});

test.each([31, 32, 33, 256, 4095, 4096, 4097])('%i numbers of which many are equal', (length) => {
  const few = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(few, fc.integer({ min: 1, max: 997 }), (numbers, step) => {
      const all = Float64Array.from(
        { length },
        (_, i) => numbers[(i * step) % numbers.length]! + (i % 7),
      );
      expect(sortDoubles(all.slice())).toEqual(all.sort());
    }),
    { numRuns: 30 },
  );
});
