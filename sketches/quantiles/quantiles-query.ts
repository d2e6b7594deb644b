import type { QuantilesSketch } from './quantiles-sketch.js';

/** The items that a sketch keeps, ascending, and how many items of the input each and all before stand for. */
export class QuantilesView {
  private readonly items: Float64Array;
  private readonly upTo: Float64Array;

  constructor(private readonly sketch: QuantilesSketch) {
    const { buffer, runs } = sketch.contents();
    const kept = Array.from(buffer, (item): readonly [number, number] => [item, 1]);
    for (const [level, run] of runs.entries()) {
      for (const item of run ?? []) kept.push([item, 2 ** (level + 1)]);
    }
    kept.sort(([a], [b]) => a - b);
    this.items = Float64Array.from(kept, ([item]) => item);
    let sum = 0;
    this.upTo = Float64Array.from(kept, ([, weight]) => (sum += weight));
  }

  /** The item of which this fraction of all lies below; the smallest of 0, the largest of 1; NaN of nothing. */
  quantile(fraction: number): number {
    const { n, min, max } = this.sketch;
    if (n === 0 || fraction === 0) return min;
    if (fraction === 1) return max;
    const position = Math.min(Math.floor(fraction * n), n - 1);
    return this.items[firstAbove(this.upTo, position)]!;
  }

  /** The fraction of items that are less; NaN of nothing. */
  rank(item: number): number {
    const { n } = this.sketch;
    if (n === 0) return Number.NaN;
    const less = firstNotBelow(this.items, item);
    return less === 0 ? 0 : this.upTo[less - 1]! / n;
  }

  /** The fractions of items below each of the ascending points, and 1. */
  cumulative(points: readonly number[]): number[] {
    const last = this.sketch.n === 0 ? Number.NaN : 1;
    return [...points.map((point) => this.rank(point)), last];
  }

  /** How many items lie below the first of the ascending points, between each and the next, and from the last on. */
  histogram(points: readonly number[]): number[] {
    const upTo = this.cumulative(points);
    return upTo.map((rank, i) => (rank - (upTo[i - 1] ?? 0)) * this.sketch.n);
  }
}

/** The first index of ascending numbers where they are above `value`. */
function firstAbove(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first index of ascending numbers where they are not below `value`. */
function firstNotBelow(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}
