import { getRandomValues } from 'node:crypto';
import type { Random } from './world.js';

/**
 * Reproducible chance: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number
 * Generators", ACM TOMS 47(4), 2021), its state filled from the seed by a Weyl sequence through a
 * mixing function. Equal seeds give equal sequences on every machine. Not for secrets.
 */
export class SeededRandom implements Random {
  private readonly state = new Uint32Array(4);

  /** `seed` is an integer of which the lowest 32 bits count. */
  constructor(seed: number) {
    let counter = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      counter = (counter + 0x9e3779b9) >>> 0;
      this.state[i] = mix(counter);
    }
  }

  nextUint32(): number {
    const s = this.state;
    const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  }
}

/** Chance from the operating system's generator, fit for ids that must not be guessed. */
export const systemRandom: Random = {
  nextUint32: () => getRandomValues(new Uint32Array(1))[0]!,
};

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** The finaliser of MurmurHash3: a bijection whose output bits all depend on all input bits. */
function mix(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
