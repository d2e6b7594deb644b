import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toLong } from '../core/index.js';
import { entryOfDouble, entryOfLong, entryOfText } from './sketch-entry.js';

const MASK = 2n ** 64n - 1n;

/** SplitMix64's number after the state `bits`, bucket and rank taken of it, written down again with 64-bit numbers. */
function naiveEntry(bits: bigint): number {
  let z = (bits + 0x9e3779b97f4a7c15n) & MASK;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  z ^= z >> 31n;
  const rank = z === 0n ? 65 : 65 - z.toString(2).length;
  return Number(z & 0x1ffffffn) * 128 + rank;
}

test('a long adds the entry of its 64 bits, safe or not', () => {
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
