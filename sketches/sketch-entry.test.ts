import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toLong } from '../core/index.js';
import { entryOfDouble, entryOfLong, entryOfText } from './sketch-entry.js';

const MASK = 2n ** 64n - 1n;
const times = (a: bigint, b: bigint) => (a * b) & MASK;

function mixed(half: bigint): bigint {
  let k = half;
  for (const factor of [0xff51afd7ed558ccdn, 0xc4ceb9fe1a85ec53n])
    k = times(k ^ (k >> 33n), factor);
  return k ^ (k >> 33n);
}

/** MurmurHash3_x64_128 of 8 bytes, seed 0, written down again with 64-bit numbers. */
function naiveEntry(bits: bigint): number {
  const first = times(bits, 0x87c37b91114253d5n);
  const turned = ((first << 31n) | (first >> 33n)) & MASK;
  const h1 = ((times(turned, 0x4cf5ad432745937fn) ^ 8n) + 8n) & MASK;
  const h2 = (h1 + 8n) & MASK;
  const a = (mixed(h1) + mixed(h2)) & MASK;
  const b = (a + mixed(h2)) & MASK;
  const rank = b === 0n ? 65 : 65 - b.toString(2).length;
  return Number(a & 0x1ffffffn) * 128 + rank;
}

test('a long adds the entry of its 8 bytes, safe or not', () => {
  const long = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.integer().map(BigInt),
  );
  fc.assert(
    fc.property(long, (value) => {
      expect(entryOfLong(toLong(value))).toBe(naiveEntry(BigInt.asUintN(64, value)));
    }),
  );
});

test('a double adds the entry of its bits, zero and NaN of one pattern each', () => {
  const bits = (value: number) => new BigUint64Array(Float64Array.of(value).buffer)[0]!;
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      expect(entryOfDouble(value)).toBe(naiveEntry(bits(value + 0)));
    }),
  );
  expect(entryOfDouble(-0)).toBe(entryOfDouble(0));
  expect(entryOfDouble(Number.NaN)).toBe(naiveEntry(0x7ff8_0000_0000_0000n));
});

test('numbers are not their texts', () => {
  expect(new Set([entryOfLong(1), entryOfDouble(1), entryOfText('1')]).size).toBe(3);
});
