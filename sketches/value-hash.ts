import { type Long, murmur3, murmur3Of } from '../core/index.js';

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
  if (typeof value === 'bigint') VIEW.setBigInt64(0, value, true);
  else {
    VIEW.setUint32(0, value >>> 0, true);
    VIEW.setUint32(4, Math.floor(value / 2 ** 32) >>> 0, true);
  }
  murmur3(BYTES, seed, out);
}

export function hashDouble(value: number, seed: number, out: Uint32Array): void {
  // JavaScript does not say which NaN a NaN is. Adding 0 leaves no -0.
  if (Number.isNaN(value)) VIEW.setBigUint64(0, NAN_BITS, true);
  else VIEW.setFloat64(0, value + 0, true);
  murmur3(BYTES, seed, out);
}

/** The bits of every NaN. */
export const NAN_BITS = 0x7ff8_0000_0000_0000n;

/** The seed of every sketch of Apache DataSketches, unless its maker chose another one. */
export const DATA_SKETCHES_SEED = 9001;

const VIEW = new DataView(new ArrayBuffer(8));
const BYTES = new Uint8Array(VIEW.buffer);
