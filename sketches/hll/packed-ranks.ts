import { ADDRESS_BITS, type HllType } from './hll-sketch.js';

/** The size of k packed registers. */
export function rankBytes(k: number, type: HllType): number {
  if (type === 'HLL_8') return k;
  return type === 'HLL_6' ? (3 * k) / 4 + 1 : k / 2;
}

/**
 * Registers in fewer bits:
 *
 *     HLL_8   a byte each
 *     HLL_6   6 bits each, from the lowest bit of the first byte on; one more byte of 0
 *     HLL_4   4 bits each, the low half of a byte first: rank - `least`, the smallest of all; from 15 on 15, and
 *             the rank is an exception: rank << 26 | register, ascending by register
 */
export function packRanks(
  ranks: Uint8Array,
  type: HllType,
): { bytes: Uint8Array; least: number; exceptions: readonly number[] } {
  if (type === 'HLL_8') return { bytes: ranks, least: 0, exceptions: [] };
  const bytes = new Uint8Array(rankBytes(ranks.length, type));
  const least = type === 'HLL_4' ? ranks.reduce((a, b) => Math.min(a, b)) : 0;
  const exceptions: number[] = [];
  for (let i = 0; i < ranks.length; i++) {
    const rank = ranks[i]!;
    if (type === 'HLL_6') put6(bytes, i, rank);
    else {
      const over = rank - least;
      bytes[i >> 1]! |= Math.min(over, FULL) << (4 * (i & 1));
      if (over >= FULL) exceptions.push(((rank << ADDRESS_BITS) | i) >>> 0);
    }
  }
  return { bytes, least, exceptions };
}

/** The registers, a byte each; null when one is beyond 63, or an exception of it is not there. */
export function unpackRanks(
  bytes: Uint8Array,
  k: number,
  type: HllType,
  least: number,
  exceptions: ReadonlyMap<number, number>,
): Uint8Array<ArrayBuffer> | null {
  const ranks = new Uint8Array(k);
  for (let i = 0; i < k; i++) {
    const rank = rankAt(bytes, i, type, least, exceptions);
    if (rank === undefined || rank > MAX_RANK) return null;
    ranks[i] = rank;
  }
  return ranks;
}

function rankAt(
  bytes: Uint8Array,
  i: number,
  type: HllType,
  least: number,
  exceptions: ReadonlyMap<number, number>,
): number | undefined {
  if (type === 'HLL_8') return bytes[i]!;
  if (type === 'HLL_6') return get6(bytes, i);
  const over = (bytes[i >> 1]! >> (4 * (i & 1))) & FULL;
  return over === FULL ? exceptions.get(i) : over + least;
}

function put6(bytes: Uint8Array, i: number, rank: number): void {
  const bit = 6 * i;
  const shifted = rank << (bit & 7);
  bytes[bit >> 3]! |= shifted & 0xff;
  bytes[(bit >> 3) + 1]! |= shifted >> 8;
}

function get6(bytes: Uint8Array, i: number): number {
  const bit = 6 * i;
  return ((bytes[bit >> 3]! | (bytes[(bit >> 3) + 1]! << 8)) >> (bit & 7)) & 0x3f;
}

const FULL = 15;
const MAX_RANK = 63;
