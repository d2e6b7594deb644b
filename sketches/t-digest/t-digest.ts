import { invariant, sortDoubles } from '../../core/index.js';

/**
 * Approximate quantiles, best at the ends: the merging t-digest of Dunning and Ertl ("Computing Extremely Accurate Quantiles Using
 * t-Digests", arXiv:1902.04023; Dunning, "The t-digest", Software Impacts 7, 2021), of scale function k1(q) = δ asin(2q - 1) / 2π.
 *
 * Numbers come into a buffer. A full one is sorted and put together with the centroids, from the smallest on, into
 * centroids that span at most 1 of k1; so two neighbours span more, and there are at most δ + 2 of them (δ = compression).
 *
 * Error   A centroid holds at most 2π √(q (1 - q)) / δ of all numbers where its middle is q: of that much ranks are off when
 *         numbers came in order. In any order they are found to be off by less, but nothing is proven: there are
 *         inputs that overlap centroids (Cormode, Mishra, Ross and Veselý, "Theory meets Practice at the Median", KDD 2021).
 * Merge   Any grouping is as good; which centroids remain depends on it. The rest does not: count, min and max.
 * Bytes   `t-digest-image.ts`.
 */
export class TDigest {
  private means = new Float64Array();
  private weights = new Float64Array();
  private used = 0;
  /** The sum of weights, without the buffer. */
  private weight = 0;
  private readonly buffer: Float64Array;
  private buffered = 0;
  private least = Number.POSITIVE_INFINITY;
  private most = Number.NEGATIVE_INFINITY;

  constructor(readonly compression: number) {
    invariant(isCompression(compression), `t-digest of compression ${compression}`);
    this.buffer = new Float64Array(Math.ceil(BUFFERED * compression));
  }

  /** How many numbers were added. */
  get count(): number {
    return this.weight + this.buffered;
  }

  /** The smallest number; Infinity of none. */
  get min(): number {
    return this.least;
  }

  /** The largest number; -Infinity of none. */
  get max(): number {
    return this.most;
  }

  /** Adds a number; NaN and infinities are none. */
  add(x: number): void {
    if (!Number.isFinite(x)) return;
    if (x < this.least) this.least = x;
    if (x > this.most) this.most = x;
    this.buffer[this.buffered++] = x;
    if (this.buffered === this.buffer.length) this.flush();
  }

  /** Adds all numbers of `other`, which stays as it is. */
  merge(other: TDigest): void {
    this.flush();
    this.absorb(other.means.subarray(0, other.used), other.weights);
    for (let i = 0; i < other.buffered; i++) this.add(other.buffer[i]!);
    this.extend(other.least, other.most);
  }

  /** Centroids by their means, ascending, once all numbers are in them. Not to be written to. */
  centroids(): { readonly means: Float64Array; readonly weights: Float64Array } {
    this.flush();
    return {
      means: this.means.subarray(0, this.used),
      weights: this.weights.subarray(0, this.used),
    };
  }

  /** The number below which this fraction lies: by a line from the middle of a centroid to the next; NaN of none. */
  quantile(fraction: number): number {
    this.flush();
    if (this.weight === 0) return Number.NaN;
    const wanted = fraction * this.weight;
    let before = 0;
    let [fromRank, from] = [0, this.least];
    for (let i = 0; i < this.used; i++) {
      const weight = this.weights[i]!;
      const [rank, mean] = [before + weight / 2, this.means[i]!];
      if (wanted < rank) return onLine(wanted, fromRank, from, rank, mean);
      before += weight;
      [fromRank, from] = [rank, mean];
    }
    return onLine(wanted, fromRank, from, this.weight, this.most);
  }

  /** The digest of these centroids, whose means ascend from `min` to `max`. */
  static of(
    compression: number,
    { means, weights }: { readonly means: Float64Array; readonly weights: Float64Array },
    extremes: { readonly min: number; readonly max: number },
  ): TDigest {
    const digest = new TDigest(compression);
    digest.absorb(means, weights);
    if (means.length > 0) digest.extend(extremes.min, extremes.max);
    return digest;
  }

  private extend(least: number, most: number): void {
    this.least = Math.min(this.least, least);
    this.most = Math.max(this.most, most);
  }

  private flush(): void {
    if (this.buffered === 0) return;
    const numbers = sortDoubles(this.buffer.subarray(0, this.buffered));
    this.buffered = 0;
    this.absorb(numbers, null);
  }

  /** Puts sorted numbers, of weight 1 without `weights`, together with the centroids. */
  private absorb(numbers: Float64Array, weights: Float64Array | null): void {
    if (numbers.length === 0) return;
    const capacity = Math.min(Math.ceil(this.compression) + 3, this.used + numbers.length);
    const means = new Float64Array(capacity);
    const sums = new Float64Array(capacity);
    let total = this.weight;
    for (let i = 0; i < numbers.length; i++) total += weights === null ? 1 : weights[i]!;
    let last = -1;
    let before = 0;
    let limit = 0;
    for (let i = 0, j = 0; i < this.used || j < numbers.length; ) {
      const isOwn = j === numbers.length || (i < this.used && this.means[i]! <= numbers[j]!);
      const x = isOwn ? this.means[i]! : numbers[j]!;
      const weight = isOwn ? this.weights[i]! : weights === null ? 1 : weights[j]!;
      if (isOwn) i++;
      else j++;
      if (last >= 0 && before + sums[last]! + weight <= limit) {
        sums[last]! += weight;
        // Not above x, the largest so far, as rounding might have it.
        means[last] = Math.min(x, means[last]! + ((x - means[last]!) * weight) / sums[last]!);
        continue;
      }
      if (last >= 0) before += sums[last]!;
      last++;
      means[last] = x;
      sums[last] = weight;
      limit = total * this.endOfSpan(before / total);
    }
    this.means = means;
    this.weights = sums;
    this.used = last + 1;
    this.weight = total;
  }

  /** The fraction up to which a centroid may reach that begins at `q`. */
  private endOfSpan(q: number): number {
    const k = Math.asin(2 * Math.min(q, 1) - 1) + (2 * Math.PI) / this.compression;
    return k >= Math.PI / 2 ? 1 : (Math.sin(k) + 1) / 2;
  }
}

export const isCompression = (compression: number): boolean =>
  compression >= 10 && compression <= 10_000;

/** Numbers in the buffer, for every one of compression. */
const BUFFERED = 5;

/** The value at `x` of the line through (x0, y0) and (x1, y1). */
const onLine = (x: number, x0: number, y0: number, x1: number, y1: number): number =>
  x1 === x0 ? y1 : y0 + (y1 - y0) * ((x - x0) / (x1 - x0));
