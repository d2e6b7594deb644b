import { allocate } from './memory';

/** What `scanText` found: where the text ends, its hash, and whether all of it is ASCII. */
export let textEnd: usize = 0;
export let textHash: u32 = 0;
export let isAscii: bool = true;

const FACTOR_1: u64 = 0x9e3779b97f4a7c15;
const FACTOR_2: u64 = 0xc2b2ae3d27d4eb4f;

/** Row n of it leaves the first n bytes of a vector. */
const masks: usize = prefixMasks();

function prefixMasks(): usize {
  const at = allocate(32);
  store<u64>(at, 0xffffffffffffffff);
  store<u64>(at + 8, 0xffffffffffffffff);
  // Bytes 16 to 31 are zero.
  return at + 16;
}

/** The first n of 16 bytes; the others are zero. */
export function firstBytes(p: usize, n: u32): v128 {
  return v128.and(v128.load(p), v128.load(masks - n));
}

function mixed(hash: u64, block: v128): u64 {
  hash = (hash ^ v128.extract_lane<u64>(block, 0)) * FACTOR_1;
  hash = (rotl(hash, 29) ^ v128.extract_lane<u64>(block, 1)) * FACTOR_2;
  return hash ^ (hash >>> 32);
}

function finished(hash: u64, length: usize): u32 {
  return (((hash ^ length) * FACTOR_1) >>> 32) as u32;
}

/**
 * Finds the end of the JSON text whose first character is at `p`. False when it is not a plain one:
 * when an escape or a control character (as the end of the line is one) comes before its quote.
 */
export function scanText(p: usize): bool {
  const start = p;
  const quote = v128.splat<u8>(34);
  const backslash = v128.splat<u8>(92);
  const blank = v128.splat<u8>(32);
  let hash: u64 = FACTOR_2;
  let high: i32 = 0;
  while (true) {
    const block = v128.load(p);
    const stops = v128.or(
      v128.or(v128.eq<u8>(block, quote), v128.eq<u8>(block, backslash)),
      v128.lt<u8>(block, blank),
    );
    const stop = v128.bitmask<u8>(stops);
    if (stop === 0) {
      high |= v128.bitmask<u8>(block);
      hash = mixed(hash, block);
      p += 16;
      continue;
    }
    const n = ctz(stop) as u32;
    high |= v128.bitmask<u8>(block) & ((1 << n) - 1);
    p += n;
    if (load<u8>(p) !== 34) return false;
    textEnd = p;
    textHash = finished(mixed(hash, v128.and(block, v128.load(masks - n))), p - start);
    isAscii = high === 0;
    return true;
  }
}

/** The hash that `scanText` finds of the text of `length` bytes at `p`. */
export function hashOf(p: usize, length: u32): u32 {
  const end = p + length;
  let hash: u64 = FACTOR_2;
  let at = p;
  for (; at + 16 <= end; at += 16) hash = mixed(hash, v128.load(at));
  return finished(mixed(hash, firstBytes(at, (end - at) as u32)), length);
}
