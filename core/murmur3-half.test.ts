import fc from 'fast-check';
import { expect, test } from 'vitest';
import { murmur3Half } from './murmur3.js';

const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);
const rotate = (x: bigint, bits: bigint): bigint => wrap((x << bits) | (x >> (64n - bits)));
const mix = (k: bigint): bigint =>
  wrap(rotate(wrap(k * 0x87c37b91114253d5n), 31n) * 0x4cf5ad432745937fn);
const littleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);

function naive(bytes: Uint8Array): bigint {
  let hash = 104_729n;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    hash = rotate(hash ^ mix(littleEndian(bytes.subarray(at, at + 8))), 27n);
    hash = wrap(hash * 5n + 0x52dce729n);
  }
  hash ^= mix(littleEndian(bytes.subarray(at))) ^ BigInt(bytes.length);
  for (const factor of [0xff51afd7ed558ccdn, 0xc4ceb9fe1a85ec53n]) {
    hash = wrap((hash ^ (hash >> 33n)) * factor);
  }
  return hash ^ (hash >> 33n);
}

test('as with 64-bit integers', () => {
  const out = new Uint32Array(2);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      murmur3Half(bytes, out);
      expect((BigInt(out[1]!) << 32n) | BigInt(out[0]!)).toBe(naive(bytes));
    }),
  );
});
