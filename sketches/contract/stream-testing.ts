import { SeededRandom } from '../../core/index.js';

/**
 * So many numbers of one seed, and the truth about them. All are whole and below 2^53. Of five seeds in a row each has another
 * distribution: chance (as good as all distinct), Zipf's (exponent 1, of a million), ascending, descending, a hundred values.
 */
export class Stream {
  readonly values: Float64Array;
  #sorted: Float64Array | null = null;
  #distinctCount = 0;

  constructor(
    readonly seed: number,
    readonly length: number,
  ) {
    this.values = new Float64Array(length);
    const random = new SeededRandom(seed);
    // The streams of two seeds have no number in common.
    const first = seed * 2 ** 24;
    for (let i = 0; i < length; i++) this.values[i] = this.#number(random, first, i);
  }

  #number(random: SeededRandom, first: number, i: number): number {
    const chance = random.nextUint32();
    switch (this.seed % 5) {
      case 0:
        return chance * 2 ** 21 + (random.nextUint32() >>> 11);
      case 1:
        return Math.floor(1e6 ** (chance / 2 ** 32));
      case 2:
        return first + i;
      case 3:
        return first + this.length - i;
      default:
        return first + 1000 * (chance % 100);
    }
  }

  get sorted(): Float64Array {
    this.#sorted ??= this.values.slice().sort();
    return this.#sorted;
  }

  get distinctCount(): number {
    if (this.#distinctCount > 0) return this.#distinctCount;
    const { sorted } = this;
    for (let i = 0; i < sorted.length; i++) {
      if (i === 0 || sorted[i] !== sorted[i - 1]) this.#distinctCount++;
    }
    return this.#distinctCount;
  }

  /** The number of which this part of all lies below, [0, 1). */
  quantile(fraction: number): number {
    return this.sorted[Math.floor(fraction * this.length)]!;
  }

  /** How many are less, and how many are not larger. */
  ranksOf(value: number): { readonly below: number; readonly upTo: number } {
    return {
      below: firstNot(this.sorted, (other) => other < value),
      upTo: firstNot(this.sorted, (other) => other <= value),
    };
  }

  countOf(value: number): number {
    const { below, upTo } = this.ranksOf(value);
    return upTo - below;
  }

  /** Some of the values, as often as they come. */
  sample(count: number): number[] {
    const random = new SeededRandom(this.seed + 1);
    return Array.from({ length: count }, () => this.values[random.nextUint32() % this.length]!);
  }

  /** Values that come more often than that. */
  moreFrequentThan(count: number): number[] {
    const { sorted } = this;
    const found: number[] = [];
    for (let from = 0, i = 1; i <= sorted.length; i++) {
      if (i < sorted.length && sorted[i] === sorted[from]) continue;
      if (i - from > count) found.push(sorted[from]!);
      from = i;
    }
    return found;
  }
}

function firstNot(sorted: Float64Array, test: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
