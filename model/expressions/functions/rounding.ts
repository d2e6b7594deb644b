import { type Long, toLong } from '../../../core/index.js';
import { copySign } from './double-bits.js';

/** Rounding to decimal places, half up and away from zero, as java.math.BigDecimal's HALF_UP. */

/**
 * A double at `places` (which may be negative) decimal places. What is rounded is the shortest decimal
 * that reads as the double, not its exact binary value: 1.005 at 2 places is 1.01. NaN is 0 and the
 * infinities are the largest doubles, as Druid has it.
 */
export function roundDouble(value: number, places: number): number {
  if (Number.isNaN(value)) return 0;
  if (!Number.isFinite(value)) return Math.sign(value) * Number.MAX_VALUE;
  const [digits = '', exponent = '0'] = Math.abs(value).toExponential().replace('.', '').split('e');
  // value = 0.digits * 10^point
  const point = Number(exponent) + 1;
  const kept = point + places;
  if (kept >= digits.length) return value;
  const rounded = roundDigits(digits, kept);
  return Math.sign(value) * Number(`${rounded}e${-places}`) + 0;
}

/** The first `count` digits, as a whole number, one more when the rest is a half or above. */
function roundDigits(digits: string, count: number): bigint {
  if (count < 0) return 0n;
  const whole = BigInt(digits.slice(0, count) || '0');
  return digits.charCodeAt(count) >= 53 ? whole + 1n : whole;
}

/** A LONG at tens, hundreds … for negative `places`; itself otherwise. Wraps beyond 64 bits. */
export function roundLong(value: Long, places: number): Long {
  if (places >= 0) return value;
  if (places < -19) return 0;
  const unit = 10n ** BigInt(-places);
  const wide = BigInt(value);
  const size = wide < 0n ? -wide : wide;
  const rounded = ((size + unit / 2n) / unit) * unit;
  return toLong(wide < 0n ? -rounded : rounded);
}

/** To the nearest whole number, halves to the even one (Java's rint): adding 2^52 makes the processor round. */
export function roundHalfEven(value: number): number {
  const size = Math.abs(value);
  return size < 2 ** 52 ? copySign(size + 2 ** 52 - 2 ** 52, value) : value;
}

/** With exactly so many decimal places, rounded as above; without exponents. */
export function fixedPlaces(value: number, places: number): string {
  const rounded = roundDouble(value, places);
  if (Math.abs(rounded) < 1e21) return rounded.toFixed(places);
  return `${BigInt(rounded)}${places > 0 ? `.${'0'.repeat(places)}` : ''}`;
}
