import { condenseIntervals, formatInterval, type Interval, intersect } from '../../model/index.js';
import type { NativeQuery } from '../native/query.js';
import type { QueryStats } from '../result.js';
import type { TablePart, TableSnapshot } from '../tables.js';
import { namesRead, partsIn, queriesIn } from './query-tables.js';

/** A segment, as far as a query asks for it, in Druid's words: its interval, version and partition. */
export interface MissingSegment {
  readonly itvl: string;
  readonly ver: string;
  readonly part: number;
}

/** Where a query asks for rows and there is no segment. */
export interface UncoveredIntervals {
  readonly intervals: readonly string[];
  /** There are more than were to be told. */
  readonly isCut: boolean;
}

/** What an answer lacks, as the context of a response tells it; a topic of which there is nothing to tell is absent. */
export interface Gaps {
  readonly missingSegments?: readonly MissingSegment[];
  readonly uncoveredIntervals?: readonly string[];
  readonly uncoveredIntervalsOverflowed?: boolean;
}

/** Notes parts that nobody has; each once, however often a query asks for it. */
export function noteMissing(
  stats: QueryStats,
  { intervals }: Pick<NativeQuery, 'intervals'>,
  parts: readonly TablePart[],
): void {
  const known = new Map(stats.missing.map((each) => [JSON.stringify(each), each]));
  const wanted = condenseIntervals(intervals);
  for (const { id, interval } of parts) {
    for (const asked of wanted) {
      const seen = intersect(asked, interval);
      if (seen === null) continue;
      const missing = { itvl: formatInterval(seen), ver: id.version, part: id.partitionNum };
      known.set(JSON.stringify(missing), missing);
    }
  }
  stats.missing = [...known.values()];
}

/** Notes where a query, and those whose answers it reads, ask for rows and there is no segment, if it wants to know. */
export function noteUncovered(
  stats: QueryStats,
  query: NativeQuery,
  snapshot: TableSnapshot,
): void {
  const most = query.context.uncoveredIntervalsLimit;
  if (most === 0) return;
  const uncovered = queriesIn(query).flatMap((each) => {
    const names = namesRead(each);
    return names.length === 0 ? [] : uncoveredOf(each.intervals, partsIn(snapshot, names, each));
  });
  const all = condenseIntervals(uncovered).map(formatInterval);
  stats.uncovered = { intervals: all.slice(0, most), isCut: all.length > most };
}

function uncoveredOf(intervals: readonly Interval[], parts: readonly TablePart[]): Interval[] {
  const covered = condenseIntervals(parts.map(({ interval }) => interval));
  return condenseIntervals(intervals).flatMap((asked) => {
    const uncovered: Interval[] = [];
    let { startMs } = asked;
    for (const each of covered) {
      if (each.startMs >= asked.endMs) break;
      if (each.startMs > startMs) uncovered.push({ startMs, endMs: each.startMs });
      startMs = Math.max(startMs, each.endMs);
    }
    if (startMs < asked.endMs) uncovered.push({ startMs, endMs: asked.endMs });
    return uncovered;
  });
}

/** What some queries lack together. */
export function gapsOf(stats: readonly QueryStats[]): Gaps {
  const missing = stats.flatMap(({ missing }) => missing);
  const told = stats.flatMap(({ uncovered }) => uncovered ?? []);
  return {
    ...(missing.length > 0 && { missingSegments: missing }),
    ...(told.length > 0 && {
      uncoveredIntervals: told.flatMap(({ intervals }) => intervals),
      uncoveredIntervalsOverflowed: told.some(({ isCut }) => isCut),
    }),
  };
}
