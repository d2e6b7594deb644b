import type { Granularity } from '../../model/index.js';
import type { PlannedPart } from '../plan/prune.js';

/** Before and after all times. */
export const FIRST = Number.MIN_SAFE_INTEGER;
export const LAST = Number.MAX_SAFE_INTEGER;

/** Whole buckets of a tree, of which an interval of a query sees all rows. */
export interface SeenBuckets {
  /** Which of the query's intervals. */
  readonly interval: number;
  /** Starts of buckets in [from, to): all that are earlier, or later, where no row of the segment lies beyond. */
  readonly from: number;
  readonly to: number;
}

/**
 * What a query's intervals see of a segment, as far as they hold some of its time; null where one of them
 * ends within a bucket.
 */
export function seenBuckets(
  { part: { minTimeMs, maxTimeMs }, spans }: Pick<PlannedPart, 'part' | 'spans'>,
  granularity: Granularity | null,
): readonly SeenBuckets[] | null {
  const seen: SeenBuckets[] = [];
  for (const [interval, { startMs, endMs }] of spans.entries()) {
    if (startMs >= endMs || endMs <= minTimeMs || startMs > maxTimeMs) continue;
    const from = startMs <= minTimeMs ? FIRST : startMs;
    const to = endMs > maxTimeMs ? LAST : endMs;
    const cuts = [from, to].filter((at) => at !== FIRST && at !== LAST);
    if (!cuts.every((cut) => granularity?.bucketStart(cut) === cut)) return null;
    seen.push({ interval, from, to });
  }
  return seen;
}

export const seesAll = ([first, ...others]: readonly SeenBuckets[]): boolean =>
  others.length === 0 && first?.from === FIRST && first.to === LAST;

/** Whether a bucket that starts then is seen. */
export const isSeen = (seen: readonly SeenBuckets[], startMs: number): boolean =>
  seen.some(({ from, to }) => startMs >= from && startMs < to);

/** Whether the first row that is seen may be any of those of a bucket. */
export const cutsStart = (seen: readonly SeenBuckets[]): boolean =>
  seen.some(({ from }) => from !== FIRST);
