import { type Long, murmur3, murmur3Of } from '../core/index.js';

/**
 * What one value adds to a HyperLogLog, a u32 made of its 128-bit hash:
 *
 *     bit 31 … 7   bucket, the low 25 bits of the hash's first half
 *     bit  6 … 0   rank, leading zeros + 1 of its second half: 1 to 65 (so that no entry is 0)
 *
 * Texts are hashed by their UTF-8, numbers by their 8 bytes, little-endian, as Druid's `cardinality`
 * does: by MurmurHash3_x64_128 with seed 0. A LONG is the two's complement; a DOUBLE its bits, of
 * which zero and NaN have one pattern each; a FLOAT the DOUBLE that equals it.
 */
export function entryOfText(text: string): number {
  murmur3Of(text, SEED, HASH);
  return entryOfHash(HASH);
}

export function entryOfLong(value: Long): number {
  if (typeof value === 'bigint') VIEW.setBigInt64(0, value, true);
  else {
    VIEW.setUint32(0, value >>> 0, true);
    VIEW.setUint32(4, Math.floor(value / 2 ** 32) >>> 0, true);
  }
  return entryOfBytes();
}

export function entryOfDouble(value: number): number {
  // JavaScript does not say which NaN a NaN is. Adding 0 leaves no -0.
  if (Number.isNaN(value)) VIEW.setBigUint64(0, NAN_BITS, true);
  else VIEW.setFloat64(0, value + 0, true);
  return entryOfBytes();
}

/** By the four words that `murmur3` writes. */
export function entryOfHash(hash: Uint32Array): number {
  const rank = hash[3] === 0 ? 33 + Math.clz32(hash[2]!) : 1 + Math.clz32(hash[3]!);
  return ((hash[0]! << RANK_BITS) | rank) >>> 0;
}

export const RANK_BITS = 7;

export const SPARSE_BUCKET_BITS = 25;

/** The bits of every NaN. */
export const NAN_BITS = 0x7ff8_0000_0000_0000n;

const SEED = 0;
const HASH = new Uint32Array(4);
const VIEW = new DataView(new ArrayBuffer(8));
const BYTES = new Uint8Array(VIEW.buffer);

function entryOfBytes(): number {
  murmur3(BYTES, SEED, HASH);
  return entryOfHash(HASH);
}
