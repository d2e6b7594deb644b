import { ETERNITY, type Interval } from '../../model/index.js';
import { LADDER } from './shape-time.js';

/** What time a query is about, without telling which. */
export interface ShapeSpan {
  /** The shortest of some usual periods that is as long; `all` where it has no end. */
  readonly period: string;
  /** The coarsest simple granularity whose buckets it does not cut; null where it cuts milliseconds only, or where nothing bounds it. */
  readonly aligned: string | null;
}

/** Usual periods in milliseconds, ascending. */
export const PERIODS: ReadonlyMap<string, number> = new Map(
  Object.entries({ PT1M: 1, PT5M: 5, PT15M: 15, PT1H: 60, PT6H: 360, P1D: 1440, P7D: 10_080 })
    .concat(Object.entries({ P31D: 44_640, P92D: 132_480, P366D: 527_040, P1830D: 2_635_200 }))
    .map(([name, minutes]) => [name, minutes * 60_000]),
);

export function spanOf(intervals: readonly Interval[]): ShapeSpan {
  const ends = intervals.flatMap(({ startMs, endMs }) => [startMs, endMs]);
  const bounds = ends.filter((ms) => ms !== ETERNITY.startMs && ms !== ETERNITY.endMs);
  const lengthMs = intervals.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  const period = [...PERIODS].find(([, ms]) => lengthMs <= ms)?.[0] ?? 'all';
  if (bounds.length === 0) return { period, aligned: null };
  const aligned = LADDER.find(({ granularity }) =>
    bounds.every((ms) => granularity.bucketStart(ms) === ms),
  );
  return { period, aligned: aligned?.name ?? null };
}
