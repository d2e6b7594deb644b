import type { KernelBuilder } from './kernel-builder.js';
import { type Code, get, i64, type Local, op, set } from './wasm/code.js';

/** Writes the two words of 64 bits that a number's hash is, made of its bits, which are left overwritten. */
export type NumberHash = (
  kernel: KernelBuilder,
  bits: Local,
) => { readonly steps: readonly Code[]; readonly h1: Code; readonly h2: Code };

/** `mix64` (core): one word for both. */
export const mix64: NumberHash = (_, bits) => ({
  steps: [
    set(bits, op('i64.add', get(bits), i64(0x9e3779b97f4a7c15n))),
    set(bits, op('i64.mul', shifted(bits, 30n), i64(0xbf58476d1ce4e5b9n))),
    set(bits, op('i64.mul', shifted(bits, 27n), i64(0x94d049bb133111ebn))),
    set(bits, shifted(bits, 31n)),
  ],
  h1: get(bits),
  h2: get(bits),
});

/**
 * MurmurHash3_x64_128 of 8 bytes: they are a tail, so that h1 is the seed and the one mixed word, h2 is the
 * seed, and all that is left is the end.
 */
export const murmur3 =
  (seed: number): NumberHash =>
  (kernel, bits) => {
    const [h1, h2] = [kernel.local('h1', 'i64'), kernel.local('h2', 'i64')];
    const turned = op('i64.rotl', op('i64.mul', get(bits), i64(C1)), i64(31n));
    const ended = i64(BigInt(seed) ^ LENGTH);
    const steps = [
      // Both halves are xor-ed with the length, then h1 += h2, h2 += h1.
      set(h1, op('i64.add', op('i64.xor', op('i64.mul', turned, i64(C2)), ended), ended)),
      set(h2, op('i64.add', get(h1), ended)),
      ...avalanche(h1),
      ...avalanche(h2),
      set(h1, op('i64.add', get(h1), get(h2))),
      set(h2, op('i64.add', get(h2), get(h1))),
    ];
    return { steps, h1: get(h1), h2: get(h2) };
  };

const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;
const LENGTH = 8n;

const avalanche = (half: Local): Code[] => [
  set(half, op('i64.mul', shifted(half, 33n), i64(0xff51afd7ed558ccdn))),
  set(half, op('i64.mul', shifted(half, 33n), i64(0xc4ceb9fe1a85ec53n))),
  set(half, shifted(half, 33n)),
];

const shifted = (word: Local, bits: bigint): Code =>
  op('i64.xor', get(word), op('i64.shr_u', get(word), i64(bits)));
