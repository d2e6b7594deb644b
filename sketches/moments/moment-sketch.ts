import { invariant } from '../../core/index.js';
import { chebyshevMoments } from './chebyshev-moments.js';
import { MaximumEntropy } from './maximum-entropy.js';

/**
 * Approximate quantiles in k + 2 numbers: the moments sketch of Gan, Ding, Tai, Sharan and Bailis ("Moment-Based Quantile Sketches for
 * Efficient High Cardinality Aggregation Queries", PVLDB 11(11), 2018), as Druid's extension has it.
 *
 * What it keeps is the least and largest number and the sums of x^0, x^1, … x^(k - 1). To compress, x is the arcsinh of a
 * number: about its logarithm, of either sign. Quantiles are those of the distribution of most entropy that has these moments.
 *
 * Error   For that distribution the paper proves no bound: it measures ranks off by 0.01 or less on average for k of 10 and more
 *         on its data, and finds more where few distinct values come. What is so of any distribution: where all moments to
 *         2n are matched, the rank of x is off by no more than the largest mass that these moments allow at x, which falls
 *         as 1 / n (Chebyshev, Markov, Stieltjes; Rácz, Tari and Telek, "A moments based distribution bounding method", 2006).
 *         One number or two are exact where rounding leaves moments to x^2. `chebyshev-moments.ts` says which moments are of use, `maximum-entropy.ts` which are matched.
 * Merge   Sums are added: in any order and grouping the same but for rounding.
 * Cost    `add`: k multiplications. Quantiles: some milliseconds for a sketch, however many are asked for.
 * Bytes   `moment-image.ts`.
 */
export class MomentSketch {
  private sums: Float64Array;
  private compressed: boolean;
  /** Of numbers as they are summed. */
  private least = Number.POSITIVE_INFINITY;
  private most = Number.NEGATIVE_INFINITY;

  constructor(k: number, isCompressed: boolean) {
    invariant(isMomentCount(k), `moments sketch of ${k} moments`);
    this.sums = new Float64Array(k);
    this.compressed = isCompressed;
  }

  /** How many power sums there are, that of x^0 included. */
  get k(): number {
    return this.sums.length;
  }

  get isCompressed(): boolean {
    return this.compressed;
  }

  /** How many numbers were added. */
  get count(): number {
    return this.sums[0]!;
  }

  /** The smallest number, if compressed but for rounding; Infinity of none. */
  get min(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.expanded(this.least);
  }

  /** The largest number, if compressed but for rounding; -Infinity of none. */
  get max(): number {
    return this.count === 0 ? Number.NEGATIVE_INFINITY : this.expanded(this.most);
  }

  /** Adds a number; NaN and infinities are none. */
  add(number: number): void {
    if (!Number.isFinite(number)) return;
    const x = this.compressed ? Math.asinh(number) : number;
    if (x < this.least) this.least = x;
    if (x > this.most) this.most = x;
    const { sums } = this;
    let power = 1;
    for (let i = 0; i < sums.length; i++) {
      sums[i]! += power;
      power *= x;
    }
  }

  /**
   * Adds what was added to `other`, which stays as it is; of two that are not empty, both or none are compressed. There remain as
   * many moments as either has.
   */
  merge(other: MomentSketch): void {
    if (other.count === 0) return;
    invariant(canMerge(this, other), 'of two moments sketches one is compressed');
    this.compressed = other.compressed;
    if (other.k < this.k) this.sums = this.sums.slice(0, other.k);
    for (let i = 0; i < this.sums.length; i++) this.sums[i]! += other.sums[i]!;
    this.least = Math.min(this.least, other.least);
    this.most = Math.max(this.most, other.most);
  }

  /** For each fraction the number below which it lies; NaN of none. */
  quantiles(fractions: readonly number[]): number[] {
    if (this.count === 0) return fractions.map(() => Number.NaN);
    const center = this.least / 2 + this.most / 2;
    const radius = this.most / 2 - this.least / 2;
    const distribution = MaximumEntropy.of(chebyshevMoments(this.sums, center, radius));
    return fractions.map((fraction) => {
      if (fraction <= 0) return this.min;
      if (fraction >= 1) return this.max;
      const x = center + radius * distribution.quantile(fraction);
      return this.expanded(Math.min(this.most, Math.max(this.least, x)));
    });
  }

  /** What is stored: extremes and sums of numbers as they are summed. Not to be written to. */
  state(): MomentState {
    const { compressed: isCompressed, least, most, sums } = this;
    return { isCompressed, least, most, sums };
  }

  static of({ isCompressed, least, most, sums }: MomentState): MomentSketch {
    const sketch = new MomentSketch(sums.length, isCompressed);
    sketch.sums.set(sums);
    if (sums[0]! > 0) {
      sketch.least = least;
      sketch.most = most;
    }
    return sketch;
  }

  private expanded(x: number): number {
    if (!this.compressed) return x;
    return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, Math.sinh(x)));
  }
}

export interface MomentState {
  readonly isCompressed: boolean;
  readonly least: number;
  readonly most: number;
  readonly sums: Float64Array;
}

/** Whether what one has can be added to the other. */
export const canMerge = (a: MomentSketch, b: MomentSketch): boolean =>
  a.count === 0 || b.count === 0 || a.isCompressed === b.isCompressed;

export const isMomentCount = (k: number): boolean => Number.isInteger(k) && k >= 2 && k <= 15;
