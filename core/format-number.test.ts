import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDouble, formatFloat } from './format-number.js';

test.each([
  [0, '0.0'],
  [-0, '-0.0'],
  [5, '5.0'],
  [-1.5, '-1.5'],
  [0.001, '0.001'],
  [0.00099, '9.9E-4'],
  [9999999, '9999999.0'],
  [9999999.5, '9999999.5'],
  [1e7, '1.0E7'],
  [-12345678.9, '-1.23456789E7'],
  [1e10, '1.0E10'],
  [1.2345e-5, '1.2345E-5'],
  [1e21, '1.0E21'],
  [Number.MAX_VALUE, '1.7976931348623157E308'],
  [5e-324, '5.0E-324'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
])('formatDouble(%d) is %s', (value, expected) => {
  expect(formatDouble(value)).toBe(expected);
});

test.each([
  [0.1, '0.1'],
  [1 / 3, '0.33333334'],
  [16777216, '1.6777216E7'],
  [3.4028234663852886e38, '3.4028235E38'],
  [2 ** -149, '1.0E-45'],
  [1e39, 'Infinity'],
  [-0, '-0.0'],
  [7, '7.0'],
])('formatFloat(%d) is %s', (value, expected) => {
  expect(formatFloat(value)).toBe(expected);
});

test('texts read back as the same number and have one of two layouts', () => {
  const layout = /^-?(\d+\.\d+|[1-9]\.\d+E-?\d+)$/;
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(formatDouble(value)).toMatch(layout);
      expect(Number(formatDouble(value))).toBe(value);
      const single = Math.fround(value);
      expect(Math.fround(Number(formatFloat(single)))).toBe(single);
      expect(formatFloat(single).length).toBeLessThanOrEqual(formatDouble(single).length);
    }),
  );
});
