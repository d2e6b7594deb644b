import { type Long, toLong, UserError } from '../../core/index.js';

/** The operations on LONG that core/long.ts leaves to us; all wrap at 64 bits as Java's do. */

const byZero = (): UserError =>
  new UserError('/ by zero; guard the divisor or use safe_divide(x, y)', 'query');

/** The quotient, truncated toward zero. Throws UserError for a divisor of 0. */
export function longDivide(a: Long, b: Long): Long {
  if (b === 0) throw byZero();
  // Exact: between two safe integers no quotient is near enough to a whole number to round onto it.
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return toLong(BigInt(a) / BigInt(b));
}

/** The remainder, with the sign of the dividend. Throws UserError for a divisor of 0. */
export function longRemainder(a: Long, b: Long): Long {
  if (b === 0) throw byZero();
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  return toLong(BigInt(a) % BigInt(b));
}

/** `base` to the power of `exponent`. Throws UserError for a negative exponent. */
export function longPower(base: Long, exponent: Long): Long {
  if (exponent < 0) {
    throw new UserError(
      `${base} ^ ${exponent}: LONG has no negative powers; use pow(x, y) for a DOUBLE`,
      'query',
    );
  }
  return toLong(wrappedPower(BigInt(base), BigInt(exponent)));
}

/** Square and multiply, modulo 2^64. */
function wrappedPower(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}
