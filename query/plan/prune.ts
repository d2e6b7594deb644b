import { filterIntervals, type Interval, overlaps } from '../../model/index.js';
import type { SegmentFacts } from '../engines/engine.js';
import type { NativeQuery } from '../native/query.js';
import type { TablePart } from '../tables.js';
import { withBlooms } from './bloom-facts.js';
import { factsOfPart, type TypesOf } from './column-facts.js';
import { FilterTexts } from './filter-texts.js';
import { compileOutcomes, mayBeTrue, mustBeTrue } from './outcomes.js';
import { shardRows } from './shard-rows.js';

/** A part that rows may have to be read from, and what is known of it before. */
export interface PlannedPart {
  readonly part: TablePart;
  readonly spans: readonly Interval[];
  readonly facts: SegmentFacts;
}

/** Intervals as far as they count of rows within `rows`: as they are, the same for many parts, where no row lies outside `clip`. */
function spansOf(
  intervals: readonly Interval[],
  clip: Interval,
  rows: Interval,
): readonly Interval[] {
  const isWhole = clip.startMs <= rows.startMs && rows.endMs <= clip.endMs;
  return isWhole ? intervals : spansInside(intervals, clip);
}

/** What counts of each interval inside `clip`; an interval that lies outside becomes an empty span. */
function spansInside(intervals: readonly Interval[], clip: Interval): Interval[] {
  return intervals.map(({ startMs, endMs }) => {
    const start = Math.max(startMs, clip.startMs);
    return { startMs: start, endMs: Math.max(start, Math.min(endMs, clip.endMs)) };
  });
}

/**
 * Leaves out the parts that have no row inside the query's intervals, and tells of the others whether the filter can match
 * any of their rows: by time, by what shard specs say, by the smallest and largest values of columns, and by Bloom indexes in memory. No column is read.
 */
export function prune(
  query: NativeQuery,
  parts: readonly TablePart[],
  types: TypesOf,
): PlannedPart[] {
  const passing = passTest(query, types);
  return parts.flatMap((part) => {
    const rows: Interval = { startMs: part.minTimeMs, endMs: part.maxTimeMs + 1 };
    const spans = spansOf(query.intervals, part.interval, rows);
    const isVisible = spans.some((span) => overlaps(span, rows));
    if (part.rowCount === 0 || !isVisible) return [];
    const interval = part.isUnknown
      ? -1
      : spans.findIndex((span) => span.startMs <= rows.startMs && span.endMs >= rows.endMs);
    const passes = passing(part, rows);
    const facts: SegmentFacts = {
      rowCount: part.rowCount,
      minMs: part.minTimeMs,
      maxMs: part.maxTimeMs,
      interval,
      intervalCount: spans.length,
      excluded: passes === 'none',
      unfiltered: passes === 'all',
    };
    return [{ part, spans, facts }];
  });
}

/** Which rows of the part, whose rows are `within` these times, pass the filter. */
function passTest(
  { filter, virtualColumns, context }: NativeQuery,
  types: TypesOf,
): (part: TablePart, within: Interval) => 'none' | 'some' | 'all' {
  if (filter === null) return () => 'all';
  const bounds = filterIntervals(filter);
  const outcomes = compileOutcomes(filter, new Set(virtualColumns.map(({ name }) => name)));
  const texts = new FilterTexts(filter);
  return (part, within) => {
    if (bounds !== null && !bounds.some((bound) => overlaps(bound, within))) return 'none';
    if (!context.secondaryPartitionPruning) return 'some';
    const stated = factsOfPart(part, types);
    const told = outcomes(stated);
    if (mustBeTrue(told)) return 'all';
    if (!mayBeTrue(told)) return 'none';
    const shardSpec = part.facts?.shardSpec ?? part.outline?.shardSpec;
    if (shardSpec === undefined) return 'some';
    const facts = withBlooms(part, stated, texts, context);
    if (!mayBeTrue(outcomes(facts))) return 'none';
    for (const rows of shardRows(shardSpec, facts, texts)) {
      if (mayBeTrue(outcomes(rows))) return 'some';
    }
    return 'none';
  };
}
