import type { WeightedItems } from '../kll/weighted-items.js';
import type { Distribution } from './distribution.js';

/** Answers about what a sketch holds now. */
export class QuantilesView {
  private readonly items: WeightedItems;

  constructor(private readonly sketch: Distribution) {
    this.items = sketch.weighted();
  }

  /** The item of which this fraction of all lies below; the smallest of 0, the largest of 1; NaN of nothing. */
  quantile(fraction: number): number {
    const { n, min, max } = this.sketch;
    if (n === 0 || fraction === 0) return min;
    return fraction === 1 ? max : this.items.quantile(fraction, false);
  }

  /** The fraction of items that are less; NaN of nothing. */
  rank(item: number): number {
    return this.sketch.n === 0 ? Number.NaN : this.items.rank(item, false);
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
