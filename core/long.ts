/**
 * 64-bit signed integers in JavaScript.
 *
 * A `Long` is a `number` when it is a safe integer and a `bigint` otherwise; never `-0`, never a
 * bigint that would fit a safe integer. That form is canonical: two Longs are equal exactly when
 * `===` says so, and they can be keys of a Map. Sums wrap at 64 bits as Java's do.
 */
export type Long = number | bigint;

export const LONG_MIN = -(2n ** 63n);
export const LONG_MAX = 2n ** 63n - 1n;

/** The canonical Long of a bigint, wrapped to 64 bits. */
export function toLong(value: bigint): Long {
  const wrapped = BigInt.asIntN(64, value);
  const narrow = Number(wrapped);
  return Number.isSafeInteger(narrow) ? narrow : wrapped;
}

/** The canonical Long of a double: truncated toward zero, NaN is 0, saturating at the 64-bit ends (Java's cast). */
export function doubleToLong(value: number): Long {
  if (Number.isNaN(value)) return 0;
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) return whole + 0;
  if (whole >= 2 ** 63) return LONG_MAX;
  if (whole <= -(2 ** 63)) return LONG_MIN;
  return toLong(BigInt(whole));
}

export function longAdd(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return toLong(BigInt(a) + BigInt(b));
}

export function longSubtract(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return toLong(BigInt(a) - BigInt(b));
}

export function longMultiply(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return toLong(BigInt(a) * BigInt(b));
}

/** -1, 0 or 1. JavaScript compares numbers with bigints exactly. */
export function longCompare(a: Long, b: Long): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The Long written by a text of digits with an optional sign; null when it is not one or does not fit 64 bits. */
export function parseLong(text: string): Long | null {
  if (!/^[+-]?\d+$/.test(text)) return null;
  const narrow = Number(text);
  if (Number.isSafeInteger(narrow)) return narrow + 0;
  const wide = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return wide < LONG_MIN || wide > LONG_MAX ? null : toLong(wide);
}
