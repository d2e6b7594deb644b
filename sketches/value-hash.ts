import { type Long, mix64, murmur3, murmur3Long, murmur3Of } from '../core/index.js';

/**
 * Hashes of values: MurmurHash3_x64_128 of their bytes, four words as `murmur3` gives them. Texts by their
 * UTF-8 or their UTF-16 (little-endian), a LONG by its two's complement, a DOUBLE by its bits, of which zero
 * and NaN have one pattern each; numbers have 8 bytes, little-endian. No allocation but for texts.
 */
export function hashText(text: string, seed: number, out: Uint32Array): void {
  murmur3Of(text, seed, out);
}

export function hashUtf16(text: string, seed: number, out: Uint32Array): void {
  murmur3(Buffer.from(text, 'utf16le'), seed, out);
}

export function hashLong(value: Long, seed: number, out: Uint32Array): void {
  readLong(value);
  murmur3Long(WORDS[0]!, WORDS[1]!, seed, out);
}

export function hashDouble(value: number, seed: number, out: Uint32Array): void {
  readDouble(value);
  murmur3Long(WORDS[0]!, WORDS[1]!, seed, out);
}

/** The 64 bits that `mix64` makes of a number's: a low word and a high one. */
export function mixLong(value: Long, out: Uint32Array): void {
  readLong(value);
  mix64(WORDS[0]!, WORDS[1]!, out);
}

export function mixDouble(value: number, out: Uint32Array): void {
  readDouble(value);
  mix64(WORDS[0]!, WORDS[1]!, out);
}

function readLong(value: Long): void {
  if (typeof value === 'number') {
    WORDS[0] = value;
    WORDS[1] = Math.floor(value / 2 ** 32);
  } else LONG[0] = value;
}

function readDouble(value: number): void {
  // JavaScript does not say which NaN a NaN is. Adding 0 leaves no -0.
  if (Number.isNaN(value)) LONG[0] = NAN_BITS;
  else DOUBLE[0] = value + 0;
}

/** The bits of every NaN. */
export const NAN_BITS = 0x7ff8_0000_0000_0000n;

/** The seed of every sketch of Apache DataSketches, unless its maker chose another one. */
export const DATA_SKETCHES_SEED = 9001;

// Little-endian, as every machine is that we run on.
const WORDS = new Int32Array(2);
const LONG = new BigInt64Array(WORDS.buffer);
const DOUBLE = new Float64Array(WORDS.buffer);
