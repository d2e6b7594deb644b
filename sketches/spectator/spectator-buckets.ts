/**
 * Where the 276 buckets of Netflix's Spectator end: 1, 2, 3, then from each power of 4 (below 2^62) on steps of a third of it,
 * rounded down, while that leaves a step to the next power; the last one ends with the largest LONG.
 */
const ENDS = Float64Array.from(ends());

function* ends(): Iterable<number> {
  yield* [1, 2, 3];
  for (let power = 4n; power < 2n ** 62n; power *= 4n) {
    const step = power / 3n;
    for (let end = power; end < 4n * power - step; end += step) yield Number(end);
  }
  yield 2 ** 63;
}

export const BUCKET_COUNT = ENDS.length;

/** Where a bucket begins, and where the next one does. */
export const bucketStart = (bucket: number): number => (bucket === 0 ? 0 : ENDS[bucket - 1]!);
export const bucketEnd = (bucket: number): number => ENDS[bucket]!;

/** The bucket of a number; those that are negative are in the first one. */
export function bucketOf(number: number): number {
  let [low, high] = [0, BUCKET_COUNT - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ENDS[middle]! <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}
