import { invariant } from '../../core/index.js';

/** What becomes of numbers outside the limits: nothing, a count of their own, or a place in the first or last bucket. */
export const OUTLIER_MODES = ['ignore', 'overflow', 'clip'] as const;
export type OutlierMode = (typeof OUTLIER_MODES)[number];

export interface FixedBucketsShape {
  readonly lowerLimit: number;
  /** Larger than `lowerLimit`; a number that equals it is in the last bucket. */
  readonly upperLimit: number;
  /** 1 to MAX_BUCKETS. */
  readonly numBuckets: number;
  readonly outlierMode: OutlierMode;
}

/** So that bytes that say they hold many buckets cannot make us allocate more than this. */
export const MAX_BUCKETS = 100_000;

/**
 * Counts of numbers in buckets of one width between two limits.
 *
 * Error   Counts of buckets are exact. A quantile lies in the bucket of the number that it stands for: off by a bucket's width at
 *         most.
 * Merge   Of the same limits and number of buckets: the same bytes in any order and grouping. Others are cut anew, as if their
 *         numbers lay evenly in each bucket, and rounded so that none is lost.
 * Bytes   `fixed-buckets-image.ts`.
 */
export class FixedBucketsHistogram {
  readonly buckets: Float64Array;
  /** How many numbers are in buckets. */
  count = 0;
  lowerOutliers = 0;
  upperOutliers = 0;
  missing = 0;
  /** Of the numbers in buckets; clipped ones count as the limit. */
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  constructor(readonly shape: FixedBucketsShape) {
    invariant(isFixedBucketsShape(shape), `histogram of ${shape.numBuckets} buckets`);
    this.buckets = new Float64Array(shape.numBuckets);
  }

  /** Adds a number; NaN is missing. */
  add(x: number): void {
    const { lowerLimit, upperLimit } = this.shape;
    if (Number.isNaN(x)) this.missing++;
    else if (x < lowerLimit) this.addOutliers(1, 0);
    else if (x > upperLimit) this.addOutliers(0, 1);
    else this.put(Math.floor((x - lowerLimit) / this.width), 1, x, x);
  }

  addMissing(): void {
    this.missing++;
  }

  /** Adds what `other`, which stays as it is, has counted. */
  merge(other: FixedBucketsHistogram): void {
    this.missing += other.missing;
    this.addOutliers(other.lowerOutliers, other.upperOutliers);
    if (other.count === 0) return;
    if (this.hasBucketsOf(other)) {
      for (let i = 0; i < this.buckets.length; i++) this.buckets[i]! += other.buckets[i]!;
      this.count += other.count;
      this.extend(other.min, other.max);
    } else this.cutAnew(other);
  }

  /** The number below which this fraction of those in buckets lies, about; 0 of none. */
  quantile(fraction: number): number {
    if (this.count === 0) return 0;
    const { lowerLimit } = this.shape;
    const wanted = fraction * this.count;
    let below = 0;
    let last = 0;
    for (let i = 0; i < this.buckets.length; i++) {
      const count = this.buckets[i]!;
      if (count === 0) continue;
      if (below + count >= wanted) {
        return lowerLimit + (i + (wanted - below) / count) * this.width;
      }
      below += count;
      last = i + 1;
    }
    return lowerLimit + last * this.width;
  }

  private get width(): number {
    return (this.shape.upperLimit - this.shape.lowerLimit) / this.buckets.length;
  }

  private hasBucketsOf({ shape, buckets }: FixedBucketsHistogram): boolean {
    const { lowerLimit, upperLimit } = this.shape;
    return (
      buckets.length === this.buckets.length &&
      shape.lowerLimit === lowerLimit &&
      shape.upperLimit === upperLimit
    );
  }

  private put(bucket: number, count: number, min: number, max: number): void {
    this.buckets[Math.min(Math.max(bucket, 0), this.buckets.length - 1)]! += count;
    this.count += count;
    this.extend(min, max);
  }

  private extend(min: number, max: number): void {
    if (min < this.min) this.min = min;
    if (max > this.max) this.max = max;
  }

  private addOutliers(lower: number, upper: number): void {
    const { lowerLimit, upperLimit, outlierMode } = this.shape;
    if (outlierMode === 'overflow') {
      this.lowerOutliers += lower;
      this.upperOutliers += upper;
    } else if (outlierMode === 'clip') {
      if (lower > 0) this.put(0, lower, lowerLimit, lowerLimit);
      if (upper > 0) this.put(this.buckets.length - 1, upper, upperLimit, upperLimit);
    }
  }

  /** Rounds what lies below each limit of ours, rather than what lies between two, so that all of it stays. */
  private cutAnew(other: FixedBucketsHistogram): void {
    const { lowerLimit, upperLimit } = this.shape;
    const first = Math.round(other.below(lowerLimit));
    let before = first;
    for (let i = 0; i < this.buckets.length; i++) {
      const end = i + 1 === this.buckets.length ? upperLimit : lowerLimit + (i + 1) * this.width;
      const upTo = Math.round(other.below(end));
      this.buckets[i]! += upTo - before;
      before = upTo;
    }
    if (before > first) {
      this.count += before - first;
      this.extend(Math.max(other.min, lowerLimit), Math.min(other.max, upperLimit));
    }
    this.addOutliers(first, other.count - before);
  }

  /** About how many numbers in buckets are less. */
  private below(x: number): number {
    const at = (x - this.shape.lowerLimit) / this.width;
    if (!(at > 0)) return 0;
    if (at >= this.buckets.length) return this.count;
    const whole = Math.floor(at);
    let sum = 0;
    for (let i = 0; i < whole; i++) sum += this.buckets[i]!;
    return sum + (at - whole) * this.buckets[whole]!;
  }
}

export const isFixedBucketsShape = ({
  lowerLimit,
  upperLimit,
  numBuckets,
}: FixedBucketsShape): boolean =>
  Number.isFinite(upperLimit - lowerLimit) &&
  upperLimit > lowerLimit &&
  Number.isInteger(numBuckets) &&
  numBuckets >= 1 &&
  numBuckets <= MAX_BUCKETS;
