import type { Long } from '../../core/index.js';
import { condenseIntervals, ETERNITY, type Interval, intersect } from '../time/interval.js';
import type { Filter } from './filter.js';

/** The column that filters bound for pruning. */
const TIME = '__time';

/**
 * The bounds that a test `lower <= column <= upper` (both whole milliseconds, null or infinite
 * where open) puts on `__time`; null when the column is another one.
 */
export function timeBounds(
  column: string,
  lower: Long | null,
  upper: Long | null,
): readonly Interval[] | null {
  if (column !== TIME) return null;
  const startMs = Math.max(ETERNITY.startMs, Number(lower ?? ETERNITY.startMs));
  const endMs = Math.min(ETERNITY.endMs, Number(upper ?? ETERNITY.endMs) + 1);
  return startMs < endMs ? [{ startMs, endMs }] : [];
}

/** The intervals themselves where the column is `__time`. */
export const timeIntervals = (
  column: string,
  intervals: readonly Interval[],
): readonly Interval[] | null =>
  column === TIME ? intervals.filter(({ startMs, endMs }) => startMs < endMs) : null;

/** Bounds that hold when all filters match: the intersection of those there are. */
export function intersectBounds(filters: readonly Filter[]): readonly Interval[] | null {
  return filters.reduce<readonly Interval[] | null>((all, { intervals }) => {
    if (intervals === undefined) return all;
    if (all === null) return intervals;
    return all.flatMap((a) =>
      intervals.flatMap((b) => {
        const shared = intersect(a, b);
        return shared === null ? [] : [shared];
      }),
    );
  }, null);
}

/** Bounds that hold when one of the filters matches; null as soon as one has none. */
export function uniteBounds(filters: readonly Filter[]): readonly Interval[] | null {
  const lists = filters.map(({ intervals }) => intervals);
  if (lists.includes(undefined)) return null;
  return condenseIntervals(lists.flatMap((list) => list ?? []));
}
