/**
 * 64-bit integers as two little-endian 32-bit words, low word first, which is how they lie in
 * memory and in files. Reading and writing words stays in plain numbers for all safe integers,
 * where a BigInt64Array would make a bigint for every value.
 */
import { invariant } from './errors.js';
import { type Long, toLong } from './long.js';
import { isNull } from './null-bitmap.js';

const TWO_32 = 2 ** 32;

invariant(
  new Uint8Array(Uint32Array.of(1).buffer)[0] === 1,
  'files and arenas are little-endian, so must be the machine',
);

/** Writes `value` to words `at` and `at + 1`. */
export function writeLong(words: Uint32Array, at: number, value: Long): void {
  if (typeof value === 'number') {
    // Storing a number into a Uint32Array keeps it modulo 2^32, exactly, also when negative.
    words[at] = value;
    words[at + 1] = Math.floor(value / TWO_32);
  } else {
    words[at] = Number(BigInt.asUintN(32, value));
    words[at + 1] = Number(BigInt.asUintN(32, value >> 32n));
  }
}

/** The canonical Long of words `at` and `at + 1`. */
export function readLong(words: Uint32Array, at: number): Long {
  const low = words[at]!;
  const high = words[at + 1]! | 0;
  if (high > -0x200000 && high < 0x200000) return high * TWO_32 + low;
  return toLong((BigInt(high) << 32n) | BigInt(low));
}

/**
 * The smallest and the largest of so many longs, those left out that are null; null when all are. Words are compared,
 * high ones as signed: large values would be bigints.
 */
export function extremesOf(
  words: Uint32Array,
  count: number,
  nulls: Uint8Array | null,
): { readonly min: Long; readonly max: Long } | null {
  let minAt = -1;
  let minHigh = 0;
  let minLow = 0;
  let maxAt = -1;
  let maxHigh = 0;
  let maxLow = 0;
  for (let i = 0; i < count; i++) {
    if (nulls !== null && isNull(nulls, i)) continue;
    const low = words[2 * i]!;
    const high = words[2 * i + 1]! | 0;
    if (minAt < 0 || high < minHigh || (high === minHigh && low < minLow)) {
      minAt = i;
      minHigh = high;
      minLow = low;
    }
    if (maxAt < 0 || high > maxHigh || (high === maxHigh && low > maxLow)) {
      maxAt = i;
      maxHigh = high;
      maxLow = low;
    }
  }
  if (minAt < 0) return null;
  return { min: readLong(words, 2 * minAt), max: readLong(words, 2 * maxAt) };
}

const scratchDouble = new Float64Array(1);
const scratchWords = new Uint32Array(scratchDouble.buffer);

/**
 * Two words, most significant first, that compare as unsigned numbers in the order of Java's
 * `Double.compare`: -Infinity … -0, 0 … Infinity, NaN.
 */
export function writeSortableDouble(words: Uint32Array, at: number, value: number): void {
  scratchDouble[0] = value;
  // There are many bit patterns of NaN; they are one value.
  const high = Number.isNaN(value) ? 0x7ff80000 : scratchWords[1]!;
  const low = Number.isNaN(value) ? 0 : scratchWords[0]!;
  const negative = high >>> 31 === 1;
  words[at] = negative ? ~high : high ^ 0x80000000;
  words[at + 1] = negative ? ~low : low;
}

/** Java's `Double.compare`: -0 before 0, NaN last and equal to itself. */
export function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return doubleRank(a) - doubleRank(b);
}

/** Tells apart what `<` does not, between numbers that it calls neither smaller nor larger. */
function doubleRank(value: number): number {
  if (Number.isNaN(value)) return 2;
  return Object.is(value, -0) ? 0 : 1;
}
