import type { Random } from '../../core/index.js';

/**
 * Reproducible chance for samples: the n-th word is a hash of a key and n. What is stirred into the key makes all that follow
 * different, so that samples of different rows, made with one seed, do not choose alike. Not for secrets.
 */
export class Chance implements Random {
  #key: number;
  #count: number;

  constructor(key: number, count = 0) {
    this.#key = key >>> 0;
    this.#count = count >>> 0;
  }

  /** What the words to come depend on. */
  get state(): readonly [key: number, count: number] {
    return [this.#key, this.#count];
  }

  stir(word: number): void {
    this.#key = mix(this.#key + mix(word));
  }

  nextUint32(): number {
    this.#count = (this.#count + 0x9e3779b9) >>> 0;
    return mix(mix(this.#count) + this.#key);
  }

  /** More than 0 and less than 1. */
  fraction(): number {
    const high = this.nextUint32() >>> 6;
    return (high * 2 ** 26 + (this.nextUint32() >>> 6) + 0.5) / 2 ** 52;
  }

  /** Of mean 1. */
  exponential(): number {
    return -Math.log(this.fraction());
  }
}

/** MurmurHash3's last step: every bit of the word changes half of the bits. */
function mix(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
