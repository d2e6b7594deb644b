/**
 * The first and last time of visible rows (those inside the query's intervals, whatever the filter
 * says), per query interval: zero-filling runs between them. A plain object, so that it can cross
 * threads; NaN where an interval has no visible row.
 */
export interface VisibleTimes {
  readonly minMs: Float64Array;
  readonly maxMs: Float64Array;
}

export const noVisibleTimes = (intervalCount: number): VisibleTimes => ({
  minMs: new Float64Array(intervalCount).fill(Number.NaN),
  maxMs: new Float64Array(intervalCount).fill(Number.NaN),
});

/** Widens the range of one interval to hold [minMs, maxMs]. */
export function widen(times: VisibleTimes, interval: number, minMs: number, maxMs: number): void {
  // Comparisons with NaN are false, so the first range replaces it.
  if (!(times.minMs[interval]! <= minMs)) times.minMs[interval] = minMs;
  if (!(times.maxMs[interval]! >= maxMs)) times.maxMs[interval] = maxMs;
}

/** Widens `into` to hold all of `from`. */
export function mergeVisibleTimes(into: VisibleTimes, from: VisibleTimes): void {
  for (let i = 0; i < from.minMs.length; i++) {
    if (!Number.isNaN(from.minMs[i]!)) widen(into, i, from.minMs[i]!, from.maxMs[i]!);
  }
}

/** The time of the very first visible row, or null when there is none. */
export function firstVisibleMs(times: VisibleTimes): number | null {
  let first: number | null = null;
  for (const ms of times.minMs) {
    if (!Number.isNaN(ms) && (first === null || ms < first)) first = ms;
  }
  return first;
}
