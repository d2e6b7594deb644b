import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mix64 } from './mix64.js';

const MASK = 2n ** 64n - 1n;

/** The sequence of SplitMix64 as it is published, with 64-bit numbers. */
function splitMix64(state: bigint): bigint {
  let z = (state + 0x9e3779b97f4a7c15n) & MASK;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}

function mixed(low: number, high: number): bigint {
  const out = new Uint32Array(2);
  mix64(low, high, out);
  return (BigInt(out[1]!) << 32n) | BigInt(out[0]!);
}

test('gives the first numbers of SplitMix64 seeded with 0 and 1234567', () => {
  expect(mixed(0, 0)).toBe(0xe220a8397b1dcdafn);
  expect(mixed(1234567, 0)).toBe(6457827717110365317n);
});

test('is the mixer with 64-bit numbers', () => {
  const long = fc.oneof(
    fc.bigInt({ min: 0n, max: MASK }),
    fc.integer({ min: 0 }).map(BigInt),
    fc.constantFrom(0x80b5c3eb80b5c3ebn, MASK, 0xffffffffn, 0xffffffff00000000n),
  );
  fc.assert(
    fc.property(long, (bits) => {
      const [low, high] = [Number(bits & 0xffffffffn), Number(bits >> 32n)];
      expect(mixed(low, high)).toBe(splitMix64(bits));
      expect(mixed(low | 0, high | 0)).toBe(splitMix64(bits));
    }),
    { numRuns: 2000 },
  );
});
