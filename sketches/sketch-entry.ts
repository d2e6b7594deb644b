import type { Long } from '../core/index.js';
import { hashText, mixDouble, mixLong } from './value-hash.js';

/**
 * What one value adds to a HyperLogLog, a u32 made of its hash (`value-hash.ts`): of a text the 128 bits of MurmurHash3 with
 * seed 0, as Druid's `cardinality` has it; of a number, of which many are hashed where a text is hashed once for all
 * rows that have it, the 64 bits of `mix64`.
 *
 *     bit 31 … 7   bucket, the low 25 bits of the hash
 *     bit  6 … 0   rank, leading zeros + 1 of its last 64 bits: 1 to 65 (so that no entry is 0)
 *
 * A FLOAT counts as the DOUBLE that equals it.
 */
export function entryOfText(text: string): number {
  hashText(text, SEED, HASH);
  return entryOfHash(HASH);
}

export function entryOfLong(value: Long): number {
  mixLong(value, HASH);
  return entryOf(HASH[0]!, HASH[0]!, HASH[1]!);
}

export function entryOfDouble(value: number): number {
  mixDouble(value, HASH);
  return entryOf(HASH[0]!, HASH[0]!, HASH[1]!);
}

/** By the four words that `murmur3` writes. */
export function entryOfHash(hash: Uint32Array): number {
  return entryOf(hash[0]!, hash[2]!, hash[3]!);
}

function entryOf(bucket: number, rankLow: number, rankHigh: number): number {
  const rank = rankHigh === 0 ? 33 + Math.clz32(rankLow) : 1 + Math.clz32(rankHigh);
  return ((bucket << RANK_BITS) | rank) >>> 0;
}

export const RANK_BITS = 7;

export const SPARSE_BUCKET_BITS = 25;

const SEED = 0;
const HASH = new Uint32Array(4);
