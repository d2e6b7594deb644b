import type { ApproximateHistogram, Bin } from './approximate-histogram.js';

/** Counts between breaks, one less than these. */
export interface Breaks {
  readonly breaks: readonly number[];
  readonly counts: readonly number[];
}

/**
 * About how many numbers are at most x: Ben-Haim and Tom-Tov's algorithm 3, where half of a bin lies on either side of it and
 * counts change evenly in between; all of an exact bin lies at its position, as in Druid.
 */
export function countUpTo(histogram: ApproximateHistogram, x: number): number {
  const { min, max, count, binCount } = histogram;
  if (!(x >= min)) return 0;
  if (x >= max) return count;
  let before = 0;
  let left: Bin = { position: min, count: 0, isExact: false };
  let right: Bin = { position: max, count: 0, isExact: false };
  for (let i = 0; i < binCount; i++) {
    const bin = histogram.bin(i);
    if (bin.position > x) {
      right = bin;
      break;
    }
    before += left.count;
    left = bin;
  }
  const share =
    right.position === left.position ? 0 : (x - left.position) / (right.position - left.position);
  const [from, to] = [left, right].map((bin) => (bin.isExact ? 0 : bin.count)) as [number, number];
  const between = 0.5 * (from + from + (to - from) * share) * share;
  return before + between + (left.isExact ? left.count : left.count / 2);
}

/**
 * The number below which this fraction lies, about: Ben-Haim and Tom-Tov's algorithm 4, by whole bins. As in Druid it is the
 * smallest number within the first bin, and never above the largest; NaN of none.
 */
export function histogramQuantile(histogram: ApproximateHistogram, fraction: number): number {
  const { min, max, count, binCount } = histogram;
  if (count === 0) return Number.NaN;
  const wanted = fraction * count;
  let before = 0;
  for (let i = 0; i < binCount; i++) {
    const bin = histogram.bin(i);
    if (before + bin.count <= wanted) {
      before += bin.count;
      continue;
    }
    if (i === 0) return min;
    const left = histogram.bin(i - 1);
    const distance = bin.position - left.position;
    return Math.min(
      max,
      left.position + distance * shareOf(left.count, bin.count, wanted - before),
    );
  }
  return max;
}

/** Where between two bins of these counts the area under the line from one to the other is `wanted`. */
function shareOf(left: number, right: number, wanted: number): number {
  const a = right - left;
  if (a === 0) return wanted / left;
  return (Math.sqrt(left * left + 2 * a * wanted) - left) / a;
}

/** Counts between ascending breaks. */
export function between(histogram: ApproximateHistogram, breaks: readonly number[]): Breaks {
  const upTo = breaks.map((point) => countUpTo(histogram, point));
  return { breaks, counts: upTo.slice(1).map((sum, i) => sum - upTo[i]!) };
}

/** So many buckets of one width, of which the first ends at the smallest number; none of no numbers. */
export function equalBuckets(histogram: ApproximateHistogram, bucketCount: number): Breaks {
  const { min, max, count } = histogram;
  if (count === 0) return { breaks: [], counts: [] };
  const width = (max - min) / Math.max(1, bucketCount - 1);
  const breaks = Array.from({ length: bucketCount + 1 }, (_, i) =>
    i === bucketCount ? max : min + (i - 1) * width,
  );
  return between(histogram, breaks);
}

/**
 * Buckets of a width with a break at `offset`, those without numbers left out: of a gap only its ends are breaks. Breaks are
 * at most `MAX_BREAKS`; null when there would be more.
 */
export function bucketsOfWidth(
  histogram: ApproximateHistogram,
  width: number,
  offset: number,
): Breaks | null {
  const { min, max, count } = histogram;
  if (count === 0) return { breaks: [], counts: [] };
  const first = Math.floor((min - offset) / width) - 1;
  const last = Math.ceil((max - offset) / width);
  if (!(last - first < MAX_BREAKS)) return null;
  const breaks: number[] = [];
  for (let i = first; i < last; i++) {
    const [left, right] = [offset + i * width, offset + (i + 1) * width];
    if (countUpTo(histogram, right) - countUpTo(histogram, left) <= ALMOST_NONE) continue;
    if (breaks.at(-1) !== left) breaks.push(left);
    breaks.push(right);
  }
  return between(histogram, breaks);
}

const MAX_BREAKS = 1_000_000;
const ALMOST_NONE = 0.1;
