import fc from 'fast-check';
import { expect, test } from 'vitest';
import { murmur3, murmur3Of } from './murmur3.js';

const MASK = (1n << 64n) - 1n;
const rotate = (x: bigint, bits: bigint) => ((x << bits) | (x >> (64n - bits))) & MASK;
const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;
const mixK1 = (k: bigint) => (rotate((k * C1) & MASK, 31n) * C2) & MASK;
const mixK2 = (k: bigint) => (rotate((k * C2) & MASK, 33n) * C1) & MASK;

function avalanche(x: bigint): bigint {
  let k = x;
  k = ((k ^ (k >> 33n)) * 0xff51afd7ed558ccdn) & MASK;
  k = ((k ^ (k >> 33n)) * 0xc4ceb9fe1a85ec53n) & MASK;
  return k ^ (k >> 33n);
}

const littleEndian = (bytes: Uint8Array) =>
  bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** The reference algorithm in BigInt, [h1, h2]. */
function oracle(bytes: Uint8Array, seed: number): [bigint, bigint] {
  let h1 = BigInt(seed);
  let h2 = BigInt(seed);
  let at = 0;
  for (; at + 16 <= bytes.length; at += 16) {
    h1 ^= mixK1(littleEndian(bytes.subarray(at, at + 8)));
    h1 = ((rotate(h1, 27n) + h2) * 5n + 0x52dce729n) & MASK;
    h2 ^= mixK2(littleEndian(bytes.subarray(at + 8, at + 16)));
    h2 = ((rotate(h2, 31n) + h1) * 5n + 0x38495ab5n) & MASK;
  }
  const tail = bytes.subarray(at);
  if (tail.length > 8) h2 ^= mixK2(littleEndian(tail.subarray(8)));
  if (tail.length > 0) h1 ^= mixK1(littleEndian(tail.subarray(0, 8)));
  h1 ^= BigInt(bytes.length);
  h2 ^= BigInt(bytes.length);
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h1 = (h1 + h2) & MASK;
  return [h1, (h2 + h1) & MASK];
}

function words(out: Uint32Array): [bigint, bigint] {
  const [a, b, c, d] = [...out].map(BigInt) as [bigint, bigint, bigint, bigint];
  return [(b << 32n) | a, (d << 32n) | c];
}

test('murmur3 agrees with the reference arithmetic', () => {
  const out = new Uint32Array(4);
  const seed = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), seed, (bytes, each) => {
      murmur3(bytes, each, out);
      expect(words(out)).toEqual(oracle(bytes, each));
    }),
    { numRuns: 1000 },
  );
});

// The digest as text is h1 then h2, each in hexadecimal, as the C++ and Java ports print them.
test.each([
  ['', 0, '00000000000000000000000000000000'],
  ['hello', 0, 'cbd8a7b341bd9b025b1e906a48ae1d19'],
  ['hello, world', 0, '342fac623a5ebc8e4cdcbc079642414d'],
  ['19 Jan 2038 at 3:14:07 AM', 0, 'b89e5988b737affc664fc2950231b2cb'],
  ['The quick brown fox jumps over the lazy dog.', 0, 'cd99481f9ee902c9695da1a38987b6e7'],
])('murmur3 of %j with seed %d', (text, seed, expected) => {
  const out = new Uint32Array(4);
  murmur3Of(text, seed, out);
  expect(
    words(out)
      .map((word) => word.toString(16).padStart(16, '0'))
      .join(''),
  ).toBe(expected);
});
