import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LONG_MAX, LONG_MIN, toLong } from '../core/index.js';
import {
  compareDecimals,
  decimalFloor,
  isIntegral,
  parseDecimal,
  parseDouble,
  parseExactLong,
} from './decimal.js';

/** Scaled by 10^40, which is exact for every text below. */
function scaled(sign: string, whole: string, fraction: string, power: number): bigint {
  const digits = BigInt(`${whole}${fraction}` || '0');
  return (sign === '-' ? -1n : 1n) * digits * 10n ** BigInt(40 - fraction.length + power);
}

const digits = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom('0', '0', '1', '9', '5'), maxLength });
const decimal = fc
  .record({
    sign: fc.constantFrom('', '-', '+'),
    whole: digits(20),
    fraction: digits(6),
    power: fc.integer({ min: -10, max: 4 }),
  })
  .filter(({ whole, fraction }) => whole + fraction !== '')
  .map(({ sign, whole, fraction, power }) => ({
    text: `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}${power === 0 ? '' : `e${power}`}`,
    scaled: scaled(sign, whole, fraction, power),
  }));

const UNIT = 10n ** 40n;

describe('decimals', () => {
  test('compare as scaled integers do', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const expected = a.scaled < b.scaled ? -1 : a.scaled > b.scaled ? 1 : 0;
        expect(compareDecimals(parseDecimal(a.text)!, parseDecimal(b.text)!)).toBe(expected);
      }),
    );
  });

  test('floor and exact Long agree with integer division', () => {
    fc.assert(
      fc.property(decimal, ({ text, scaled: value }) => {
        const floor = value / UNIT - (value < 0n && value % UNIT !== 0n ? 1n : 0n);
        const fits = floor >= LONG_MIN && floor <= LONG_MAX;
        const parsed = parseDecimal(text)!;
        expect(isIntegral(parsed)).toBe(value % UNIT === 0n);
        const infinity = floor > 0n ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
        expect(decimalFloor(parsed)).toBe(fits ? toLong(floor) : infinity);
        expect(parseExactLong(text)).toBe(fits && value % UNIT === 0n ? toLong(floor) : null);
      }),
    );
  });

  test.each(['', '.', '-', 'e5', ' 1', '1 ', '0x10', '1e', 'abc', '--1'])(
    '%j spells no number',
    (text) => {
      expect(parseDecimal(text)).toBeNull();
      expect(parseDouble(text)).toBeNull();
    },
  );

  test('a huge exponent costs nothing', () => {
    expect(decimalFloor(parseDecimal('1e999999999')!)).toBe(Number.POSITIVE_INFINITY);
    expect(decimalFloor(parseDecimal('-1e-999999999')!)).toBe(-1);
  });

  test('doubles', () => {
    expect(parseDouble('1e3')).toBe(1000);
    expect(parseDouble('.5')).toBe(0.5);
    expect(parseDouble('NaN')).toBeNaN();
    expect(parseDouble('-Infinity')).toBe(Number.NEGATIVE_INFINITY);
  });
});
