import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONG_MAX, LONG_MIN, type Long, toLong } from './long.js';
import { nullBitmapBytes, setNull } from './null-bitmap.js';
import { extremesOf, writeLong } from './words.js';

const long = fc.oneof(
  fc.integer({ min: -2, max: 2 }).map((value): Long => value),
  fc.constantFrom<Long>(2 ** 32, -(2 ** 32), 2 ** 31, -(2 ** 31), LONG_MIN, LONG_MAX),
  fc.bigInt({ min: LONG_MIN, max: LONG_MAX }).map(toLong),
);

test('the extremes of longs, by their words', () => {
  fc.assert(
    fc.property(fc.array(fc.option(long)), (values) => {
      const words = new Uint32Array(2 * values.length + 2);
      const nulls = new Uint8Array(nullBitmapBytes(values.length));
      for (const [i, value] of values.entries()) {
        if (value === null) setNull(nulls, i);
        else writeLong(words, 2 * i, value);
      }
      const sorted = values
        .filter((value) => value !== null)
        .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      const expected = sorted.length === 0 ? null : { min: sorted[0], max: sorted.at(-1) };
      expect(extremesOf(words, values.length, nulls)).toEqual(expected);
      if (!values.includes(null)) {
        expect(extremesOf(words, values.length, null)).toEqual(expected);
      }
    }),
  );
});
