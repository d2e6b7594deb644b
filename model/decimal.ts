import { LONG_MAX, LONG_MIN, type Long, toLong } from '../core/index.js';

/**
 * An exact decimal number of any size, as text writes it: `sign * 0.digits * 10^exponent`.
 * `digits` has no leading and no trailing zero; zero itself has sign 0 and no digits.
 */
export interface Decimal {
  readonly sign: -1 | 0 | 1;
  readonly digits: string;
  readonly exponent: number;
}

const ZERO: Decimal = { sign: 0, digits: '', exponent: 0 };
const SYNTAX = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

/** The number that a text spells (Java's BigDecimal syntax); null when it spells none. */
export function parseDecimal(text: string): Decimal | null {
  const match = SYNTAX.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  const all = whole + fraction;
  const trimmed = all.replace(/^0+/, '');
  if (trimmed === '') return ZERO;
  return {
    sign: sign === '-' ? -1 : 1,
    digits: trimmed.replace(/0+$/, ''),
    exponent: whole.length - (all.length - trimmed.length) + Number(power),
  };
}

export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.sign !== b.sign) return a.sign < b.sign ? -1 : 1;
  if (a.exponent !== b.exponent) return a.exponent < b.exponent ? -a.sign : a.sign;
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -a.sign : a.sign;
}

/** The largest 64-bit integer not above the number; an infinity beyond 64 bits. */
export function decimalFloor(decimal: Decimal): Long {
  const { sign, digits, exponent } = decimal;
  if (sign === 0) return 0;
  if (exponent > 19) return sign * Number.POSITIVE_INFINITY;
  const whole = BigInt(
    digits.slice(0, Math.max(exponent, 0)).padEnd(Math.max(exponent, 0), '0') || '0',
  );
  const floor = sign > 0 ? whole : -whole - (isIntegral(decimal) ? 0n : 1n);
  if (floor > LONG_MAX) return Number.POSITIVE_INFINITY;
  return floor < LONG_MIN ? Number.NEGATIVE_INFINITY : toLong(floor);
}

export const isIntegral = (decimal: Decimal): boolean =>
  decimal.digits.length <= Math.max(decimal.exponent, 0);

/** The Long a text spells exactly (`3`, `3.0`, `3e2`); null for fractions, for what does not fit, and for other text. */
export function parseExactLong(text: string): Long | null {
  const decimal = parseDecimal(text);
  if (decimal === null || !isIntegral(decimal)) return null;
  const value = decimalFloor(decimal);
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY ? null : value;
}

const SPECIAL = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['+Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/** The double nearest to what a text spells; null when it spells no number. */
export function parseDouble(text: string): number | null {
  const special = SPECIAL.get(text);
  if (special !== undefined) return special;
  return SYNTAX.test(text) ? Number(text) : null;
}

/** A number in units of its last digit: of a known scale, the digits behind the point. */
export type Unscaled = bigint;

/** The number with `scale` digits behind the point, rounded away from zero; null when its magnitude takes more than `bits` bits. */
export function unscaled(
  { sign, digits, exponent }: Decimal,
  scale: number,
  bits: number,
): Unscaled | null {
  if (sign === 0) return 0n;
  const wholeDigits = exponent + scale;
  // No power of ten is made before it is known to be small.
  if (wholeDigits > bits) return null;
  const whole = BigInt(digits.slice(0, Math.max(wholeDigits, 0)).padEnd(wholeDigits, '0') || '0');
  const magnitude = digits.length > wholeDigits ? whole + 1n : whole;
  if (magnitude >> BigInt(bits) !== 0n) return null;
  return sign < 0 ? -magnitude : magnitude;
}

/** As Java's BigDecimal of that scale prints it: `-1.50`, `0.000001`, `1.5E-8`. */
export function decimalText(number: Unscaled, scale: number): string {
  const sign = number < 0n ? '-' : '';
  const digits = String(number < 0n ? -number : number);
  const exponent = digits.length - 1 - scale;
  if (exponent < -6) {
    const fraction = digits.length === 1 ? '' : `.${digits.slice(1)}`;
    return `${sign}${digits[0]}${fraction}E${exponent}`;
  }
  if (scale === 0) return sign + digits;
  const padded = digits.padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}
