/**
 * MurmurHash3_x86_32 (Austin Appleby, public domain, 2011) of bytes [from, to) with seed 0, as a signed 32-bit number:
 * what Guava's `murmur3_32().hashBytes(…).asInt()` gives.
 */
export function murmur3Word(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let hash = 0;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = (Math.imul(rotate(hash ^ scramble(word), 13), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let shift = 0; at < to; at++, shift += 8) tail |= bytes[at]! << shift;
  // Zero stays zero, so that a tail of no bytes changes nothing.
  return avalanche(hash ^ scramble(tail) ^ (to - from));
}

const scramble = (word: number): number =>
  Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

function avalanche(hash: number): number {
  const first = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}
