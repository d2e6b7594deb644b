import { invariant } from '../../core/index.js';
import { BUCKET_COUNT, bucketEnd, bucketOf, bucketStart } from './spectator-buckets.js';

/**
 * Counts of numbers in the buckets of Netflix's Spectator, which are the same for all and grow with the numbers: made for
 * durations and sizes, which are whole and not negative.
 *
 * Error   Counts are exact. A percentile lies in the bucket of the number that it stands for: numbers below 14 have one of their
 *         own, others one that is a third of its start wide at most, but for the last.
 * Merge   The same bytes in any order and grouping.
 * Bytes   `spectator-image.ts`: 2 to 10 for each bucket that has numbers.
 */
export class SpectatorHistogram {
  readonly #counts = new Map<number, number>();
  #count = 0;

  /** How many numbers were added. */
  get count(): number {
    return this.#count;
  }

  /** Adds a number: a negative one as 0, a fraction as the whole number below it, NaN not at all. */
  add(number: number): void {
    if (!Number.isNaN(number)) this.addTo(bucketOf(number), 1);
  }

  /** Adds so many numbers of a bucket. */
  addTo(bucket: number, count: number): void {
    invariant(isBucket(bucket), `Spectator bucket ${bucket}`);
    if (count === 0) return;
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
    this.#count += count;
  }

  /** Adds what `other`, which stays as it is, has counted. */
  merge(other: SpectatorHistogram): void {
    for (const [bucket, count] of other.buckets()) this.addTo(bucket, count);
  }

  /** The buckets that have numbers, ascending, and how many. */
  buckets(): readonly (readonly [bucket: number, count: number])[] {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }

  /**
   * For each of these (0 to 100) the number that so many in a hundred are not above, as if numbers lay evenly in each bucket; NaN
   * of none.
   */
  percentiles(wanted: readonly number[]): number[] {
    const buckets = this.buckets();
    return wanted.map((percentile) => this.#percentile(percentile, buckets));
  }

  #percentile(percentile: number, buckets: ReturnType<SpectatorHistogram['buckets']>): number {
    let before = 0;
    for (const [bucket, count] of buckets) {
      const from = (100 * before) / this.#count;
      const to = (100 * (before + count)) / this.#count;
      before += count;
      if (to < percentile) continue;
      const start = bucketStart(bucket);
      return ((percentile - from) / (to - from)) * (bucketEnd(bucket) - start) + start;
    }
    return Number.NaN;
  }
}

export const isBucket = (bucket: number): boolean =>
  Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKET_COUNT;
