import { DOUBLE, LONG, WIDE } from './field';
import { roundedDouble, UNSURE } from './rounding';

/** What `readNumber` found: its tag, and its word as columns have it. */
export let numberTag: u8 = 0;
export let numberWord: u64 = 0;

const MAX_SAFE: u64 = 9007199254740991;
const MAX_LONG: u64 = 0x7fffffffffffffff;

/** More digits may not fit 64 bits. */
const MAX_DIGITS: usize = 19;

/** Digits of an exponent that is read here; larger ones are no doubles worth a thought. */
const MAX_EXPONENT_DIGITS: usize = 3;

/** The digit at `p`; more than 9 where there is none. */
export function digitAt(p: usize): u32 {
  return (load<u8>(p) as u32) - 48;
}

/** Whether all bytes are digits: the upper halves are 3, and stay so when 6 is added. */
function areEightDigits(bytes: u64): bool {
  const upper =
    (bytes & 0xf0f0f0f0f0f0f0f0) | (((bytes + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >>> 4);
  return upper === 0x3333333333333333;
}

/** The number that eight digits write, the first one in the lowest byte: pairs, pairs of pairs, and all. */
function eightDigits(bytes: u64): u64 {
  let value = bytes & 0x0f0f0f0f0f0f0f0f;
  value = (value * 10 + (value >>> 8)) & 0x00ff00ff00ff00ff;
  value = (value * 100 + (value >>> 16)) & 0x0000ffff0000ffff;
  return (value * 10_000 + (value >>> 32)) & 0xffffffff;
}

/**
 * Reads the JSON number at `p` and gives where it ends; 0 when it is none, or one that is left to
 * others: too many digits, an integer beyond 64 bits, a double that is not sure to be rounded well.
 */
export function readNumber(p: usize): usize {
  const isNegative = load<u8>(p) === 45;
  if (isNegative) p++;
  const start = p;
  let digit = digitAt(p);
  if (digit > 9) return 0;
  let digits: u64 = digit;
  p++;
  if (digit !== 0) {
    for (digit = digitAt(p); digit <= 9; digit = digitAt(p)) {
      digits = digits * 10 + digit;
      p++;
      // Long numbers are mostly identifiers: the rest of them goes eight by eight.
      if (p - start === 8 && areEightDigits(load<u64>(p))) {
        digits = digits * 100_000_000 + eightDigits(load<u64>(p));
        p += 8;
      }
    }
  }
  if (p - start > MAX_DIGITS) return 0;
  const next = load<u8>(p);
  if (next === 46 || (next | 32) === 101) return readDouble(p, start, digits, isNegative);
  if (digits <= MAX_SAFE) {
    numberTag = LONG;
    setDouble(digits as f64, isNegative);
    return p;
  }
  if (digits > (isNegative ? MAX_LONG + 1 : MAX_LONG)) return 0;
  numberTag = WIDE;
  numberWord = isNegative ? 0 - digits : digits;
  return p;
}

/** Reads on at the point or the exponent. */
function readDouble(p: usize, start: usize, whole: u64, isNegative: bool): usize {
  let digits = whole;
  let exponent: i32 = 0;
  if (load<u8>(p) === 46) {
    const first = ++p;
    for (let digit = digitAt(p); digit <= 9; digit = digitAt(p)) {
      digits = digits * 10 + digit;
      p++;
    }
    if (p === first || p - start > MAX_DIGITS + 1) return 0;
    exponent = (first - p) as i32;
  }
  if ((load<u8>(p) | 32) === 101) {
    p = readExponent(p + 1);
    if (p === 0) return 0;
    exponent += exponentValue;
  }
  const value = roundedDouble(digits, exponent);
  if (value === UNSURE) return 0;
  numberTag = value === Math.floor(value) && value <= (MAX_SAFE as f64) ? LONG : DOUBLE;
  setDouble(value, isNegative);
  return p;
}

let exponentValue: i32 = 0;

/** Where the exponent that begins at `p` ends, or 0. */
function readExponent(p: usize): usize {
  const sign = load<u8>(p);
  if (sign === 43 || sign === 45) p++;
  const first = p;
  let value: i32 = 0;
  for (let digit = digitAt(p); digit <= 9; digit = digitAt(p)) {
    value = value * 10 + digit;
    p++;
    if (p - first > MAX_EXPONENT_DIGITS) return 0;
  }
  if (p === first) return 0;
  exponentValue = sign === 45 ? -value : value;
  return p;
}

function setDouble(value: f64, isNegative: bool): void {
  numberWord = reinterpret<u64>(isNegative ? -value : value);
}
