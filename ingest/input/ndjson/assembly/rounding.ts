import { allocate } from './memory';

/** Powers of ten that are exact as a double. */
const MAX_EXACT: i32 = 22;

/** The largest integer below which all integers are exact as a double. */
const MAX_MANTISSA: u64 = 0x20000000000000;

const FRACTION: u64 = 0xfffffffffffff;
const ALL_ONES: u64 = 0xffffffffffffffff;

/** Exponents whose powers of five are in the table. */
const MAX_POWER: i32 = 64;

/** 10^0 to 10^22 as f64. */
const tens: usize = powersOfTen();

/**
 * 5^q for q from -64 to 64: the 128 bits that begin with its first 1 bit, rounded down, low word first.
 * The owner fills it.
 */
const fives: usize = allocate(16 * (2 * MAX_POWER + 1));

/** Where the owner puts the powers of five. */
export function powersOfFive(): usize {
  return fives;
}

function powersOfTen(): usize {
  const at = allocate(8 * (MAX_EXACT + 1));
  let power: f64 = 1;
  for (let i = 0; i <= MAX_EXACT; i++) {
    store<f64>(at + 8 * i, power);
    power *= 10;
  }
  return at;
}

/** Stands for a double that is not known. */
export const UNSURE: f64 = -1;

/** The double next to digits * 10^exponent; UNSURE when that may be one of two. */
export function roundedDouble(digits: u64, exponent: i32): f64 {
  if (digits === 0) return 0;
  if (digits <= MAX_MANTISSA && exponent >= -MAX_EXACT && exponent <= MAX_EXACT) {
    // Both sides are exact, so that the one operation rounds rightly (Clinger 1990).
    const power = load<f64>(tens + 8 * abs(exponent));
    return exponent < 0 ? (digits as f64) / power : (digits as f64) * power;
  }
  return abs(exponent) <= MAX_POWER ? eiselLemire(digits, exponent) : UNSURE;
}

let high: u64 = 0;

/** The low half of a product of 64-bit words; `high` is the other. */
function multiply(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >>> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >>> 32;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 32);
  const other = aLow * bHigh + (middle & 0xffffffff);
  high = aHigh * bHigh + (middle >>> 32) + (other >>> 32);
  return (other << 32) | (low & 0xffffffff);
}

/**
 * Lemire, "Number parsing at a gigabyte per second" (2021), section 5. Of results that are halfway
 * between two doubles, or so near that 128 bits do not tell, it gives up. Exponents here are so small
 * that no result is subnormal or infinite.
 */
function eiselLemire(digits: u64, exponent: i32): f64 {
  const zeros = clz(digits) as i32;
  const mantissa = digits << zeros;
  const power = fives + 16 * (exponent + MAX_POWER);
  let low = multiply(mantissa, load<u64>(power, 8));
  let upper = high;
  if ((upper & 0x1ff) === 0x1ff) {
    multiply(mantissa, load<u64>(power));
    const sum = low + high;
    if (sum < low) upper++;
    low = sum;
  }
  if (low === ALL_ONES) return UNSURE;
  const top = (upper >>> 63) as i32;
  // 53 bits, and one to round by.
  let bits = upper >>> (top + 9);
  // As far as these bits tell it is halfway: what was cut off says which way to go.
  if (low <= 1 && bits << (top + 9) === upper && (bits & 3) === 1) return UNSURE;
  bits = (bits + (bits & 1)) >>> 1;
  let biased = ((217706 * exponent) >> 16) + 63 - zeros + top + 1023;
  if (bits === MAX_MANTISSA) {
    bits >>>= 1;
    biased++;
  }
  return reinterpret<f64>(((biased as u64) << 52) | (bits & FRACTION));
}
