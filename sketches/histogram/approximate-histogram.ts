import { invariant } from '../../core/index.js';

/** A bin: how many numbers lie about a position; not `isExact` where numbers that differ were put together. */
export interface Bin {
  readonly position: number;
  readonly count: number;
  readonly isExact: boolean;
}

/** Numbers outside are put together, those below into one bin and those above into another. */
export interface HistogramLimits {
  readonly lowerLimit: number;
  readonly upperLimit: number;
}

export const NO_LIMITS: HistogramLimits = {
  lowerLimit: Number.NEGATIVE_INFINITY,
  upperLimit: Number.POSITIVE_INFINITY,
};

/**
 * A histogram whose bins follow the data: the streaming histogram of Ben-Haim and Tom-Tov ("A Streaming Parallel Decision Tree
 * Algorithm", JMLR 11, 2010, pages 849-872). Up to `size` bins; a number gets one of its own, then the two closest
 * bins become one (algorithms 1 and 2). As in Druid, positions are 32-bit floats, and a bin knows whether all its numbers are equal.
 *
 * Error   None is proven by the paper. Exact up to `size` distinct numbers; counts and extremes are always exact.
 * Merge   Bins of both, put together: some order and grouping gives other bins than another, counts and extremes apart.
 * Bytes   `approximate-histogram-image.ts`.
 */
export class ApproximateHistogram {
  private positions = new Float32Array(MIN_CAPACITY);
  private counts = new Float64Array(MIN_CAPACITY);
  /** 1 where numbers that differ were put together. */
  private mixed = new Uint8Array(MIN_CAPACITY);
  private used = 0;
  private items = 0;
  private least = Number.POSITIVE_INFINITY;
  private most = Number.NEGATIVE_INFINITY;

  constructor(
    readonly size: number,
    private readonly limits: HistogramLimits = NO_LIMITS,
  ) {
    invariant(isHistogramSize(size), `histogram of ${size} bins`);
  }

  get count(): number {
    return this.items;
  }

  /** The smallest number; Infinity of none. */
  get min(): number {
    return this.least;
  }

  /** The largest number; -Infinity of none. */
  get max(): number {
    return this.most;
  }

  get binCount(): number {
    return this.used;
  }

  bin(i: number): Bin {
    const [position, count] = [this.positions[i]!, this.counts[i]!];
    return { position, count, isExact: this.mixed[i] === 0 };
  }

  /** Adds a number; NaN and what no 32-bit float holds is none. */
  add(number: number): void {
    const position = Math.fround(number);
    if (!Number.isFinite(position)) return;
    this.extend(position, position);
    const { lowerLimit, upperLimit } = this.limits;
    if (this.used === this.size && position >= lowerLimit && position <= upperLimit) {
      this.putIntoFull(position);
      return;
    }
    this.put(position, 1, 0);
    this.shrink();
  }

  /** Adds what `other`, which stays as it is, holds. */
  merge(other: ApproximateHistogram): void {
    this.extend(other.least, other.most);
    for (let i = 0; i < other.used; i++) {
      this.put(other.positions[i]!, other.counts[i]!, other.mixed[i]!);
    }
    this.shrink();
  }

  /** The histogram of these bins, at most `size` and in any order. Extremes are those of the numbers. */
  static of(
    size: number,
    bins: readonly Bin[],
    extremes: { readonly min: number; readonly max: number },
    limits: HistogramLimits,
  ): ApproximateHistogram {
    const histogram = new ApproximateHistogram(size, limits);
    for (const { position, count, isExact } of bins)
      histogram.put(position, count, isExact ? 0 : 1);
    histogram.extend(extremes.min, extremes.max);
    return histogram;
  }

  private extend(least: number, most: number): void {
    if (least < this.least) this.least = least;
    if (most > this.most) this.most = most;
  }

  /** Adds to the bin of this position, or makes one. */
  private put(position: number, count: number, isMixed: number): void {
    const at = this.find(position);
    this.items += count;
    if (at < this.used && this.positions[at] === position) {
      this.counts[at]! += count;
      this.mixed[at]! |= isMixed;
      return;
    }
    if (this.used === this.positions.length) this.grow();
    for (let i = this.used++; i > at; i--) this.copy(i - 1, i);
    this.positions[at] = position;
    this.counts[at] = count;
    this.mixed[at] = isMixed;
  }

  /** As `put` and `shrink`, but moves no bins where the number goes to the one before or behind it. */
  private putIntoFull(position: number): void {
    const at = this.find(position);
    const before = at === 0 ? Number.POSITIVE_INFINITY : position - this.positions[at - 1]!;
    const behind = at === this.used ? Number.POSITIVE_INFINITY : this.positions[at]! - position;
    const nearest = Math.min(before, behind);
    if (nearest > 0) {
      const closest = this.closest();
      const least = closest + 1 < this.used ? this.gap(closest) : Number.POSITIVE_INFINITY;
      if (least < nearest || (least === nearest && closest < at - 1)) {
        this.put(position, 1, 0);
        this.join(closest < at ? closest : closest + 1);
        return;
      }
    }
    const bin = before <= behind ? at - 1 : at;
    const count = this.counts[bin]!++;
    this.items++;
    if (nearest === 0) return;
    this.positions[bin] = (this.positions[bin]! * count + position) / (count + 1);
    this.mixed[bin] = 1;
  }

  private gap(bin: number): number {
    return this.positions[bin + 1]! - this.positions[bin]!;
  }

  /** The first bin at or behind a position. */
  private find(position: number): number {
    let [low, high] = [0, this.used];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.positions[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private grow(): void {
    const capacity = 2 * this.positions.length;
    const [positions, counts, mixed] = [this.positions, this.counts, this.mixed];
    this.positions = new Float32Array(capacity);
    this.counts = new Float64Array(capacity);
    this.mixed = new Uint8Array(capacity);
    this.positions.set(positions);
    this.counts.set(counts);
    this.mixed.set(mixed);
  }

  private shrink(): void {
    const { lowerLimit, upperLimit } = this.limits;
    while (this.used > 1 && this.positions[1]! < lowerLimit) this.join(0);
    while (this.used > 1 && this.positions[this.used - 2]! > upperLimit) {
      this.join(this.used - 2);
    }
    while (this.used > this.size) this.join(this.closest());
  }

  /** The first of the two bins that are closest. */
  private closest(): number {
    const { positions } = this;
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    let before = positions[0]!;
    for (let i = 1; i < this.used; i++) {
      const position = positions[i]!;
      if (position - before < least) {
        least = position - before;
        best = i - 1;
      }
      before = position;
    }
    return best;
  }

  /** Puts a bin and the next one together, where their numbers balance. */
  private join(at: number): void {
    const [a, b] = [this.counts[at]!, this.counts[at + 1]!];
    this.positions[at] = (this.positions[at]! * a + this.positions[at + 1]! * b) / (a + b);
    this.counts[at] = a + b;
    this.mixed[at] = 1;
    this.used--;
    for (let i = at + 1; i < this.used; i++) this.copy(i + 1, i);
  }

  private copy(from: number, to: number): void {
    this.positions[to] = this.positions[from]!;
    this.counts[to] = this.counts[from]!;
    this.mixed[to] = this.mixed[from]!;
  }
}

export const isHistogramSize = (size: number): boolean =>
  Number.isInteger(size) && size >= 1 && size <= MAX_SIZE;

/** Bins are found by looking at all of them. */
const MAX_SIZE = 100_000;
const MIN_CAPACITY = 4;
