import type { Long } from '../core/index.js';
import { hashDouble, hashLong, hashText } from './value-hash.js';

/**
 * What one value adds to a HyperLogLog, a u32 made of its 128-bit hash (`value-hash.ts`, seed 0, as Druid's
 * `cardinality` has it):
 *
 *     bit 31 … 7   bucket, the low 25 bits of the hash's first half
 *     bit  6 … 0   rank, leading zeros + 1 of its second half: 1 to 65 (so that no entry is 0)
 *
 * A FLOAT counts as the DOUBLE that equals it.
 */
export function entryOfText(text: string): number {
  hashText(text, SEED, HASH);
  return entryOfHash(HASH);
}

export function entryOfLong(value: Long): number {
  hashLong(value, SEED, HASH);
  return entryOfHash(HASH);
}

export function entryOfDouble(value: number): number {
  hashDouble(value, SEED, HASH);
  return entryOfHash(HASH);
}

/** By the four words that `murmur3` writes. */
export function entryOfHash(hash: Uint32Array): number {
  const rank = hash[3] === 0 ? 33 + Math.clz32(hash[2]!) : 1 + Math.clz32(hash[3]!);
  return ((hash[0]! << RANK_BITS) | rank) >>> 0;
}

export const RANK_BITS = 7;

export const SPARSE_BUCKET_BITS = 25;

const SEED = 0;
const HASH = new Uint32Array(4);
