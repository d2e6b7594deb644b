import { ResourceLimitError } from '../../core/index.js';
import type { Granularity } from '../../model/index.js';
import type { VisibleTimes } from './visible-times.js';

/** The bucket of granularity `all` in tables and partials; its shown time is decided at the end. */
export const ALL_BUCKET = 0;

/**
 * The start of the bucket that holds an instant, remembering the last one: neighbouring rows mostly
 * share it.
 */
export function bucketFinder(granularity: Granularity): (timeMs: number) => number {
  if (granularity.kind === 'all') return () => ALL_BUCKET;
  if (granularity.kind === 'none') return (timeMs) => timeMs;
  let startMs = 0;
  let endMs = 0;
  return (timeMs) => {
    if (timeMs < startMs || timeMs >= endMs) {
      startMs = granularity.bucketStart(timeMs);
      endMs = granularity.nextBucket(startMs);
    }
    return startMs;
  };
}

/**
 * Every bucket from the first to the last visible row of each query interval, ascending; empty
 * buckets between are among them. Throws ResourceLimitError when there are more than `maxBuckets`.
 */
export function visibleBuckets(
  granularity: Granularity,
  visible: VisibleTimes,
  maxBuckets: number,
): number[] {
  if (granularity.kind === 'all') {
    return visible.minMs.some((ms) => !Number.isNaN(ms)) ? [ALL_BUCKET] : [];
  }
  const starts: number[] = [];
  for (const [i, minMs] of visible.minMs.entries()) {
    if (Number.isNaN(minMs)) continue;
    const lastMs = granularity.bucketStart(visible.maxMs[i]!);
    let startMs = granularity.bucketStart(minMs);
    // Two intervals may touch one bucket.
    if (startMs === starts.at(-1)) startMs = granularity.nextBucket(startMs);
    for (; startMs <= lastMs; startMs = granularity.nextBucket(startMs)) {
      if (starts.length >= maxBuckets) throw tooManyBuckets(maxBuckets);
      starts.push(startMs);
    }
  }
  return starts;
}

const tooManyBuckets = (maxBuckets: number): ResourceLimitError =>
  new ResourceLimitError(
    `the query's intervals hold more than ${maxBuckets} time buckets (maxResultRows); use a coarser granularity, shorter intervals, or the context "skipEmptyBuckets": true`,
    maxBuckets,
    maxBuckets + 1,
  );
