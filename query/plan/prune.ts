import { filterIntervals, type Interval, overlaps } from '../../model/index.js';
import type { SegmentFacts } from '../engines/engine.js';
import type { NativeQuery } from '../native/query.js';
import type { TablePart } from '../tables.js';

/** A part that rows may have to be read from, and what is known of it before. */
export interface PlannedPart {
  readonly part: TablePart;
  readonly spans: readonly Interval[];
  readonly facts: SegmentFacts;
}

/** What counts of each interval inside `clip`; an interval that lies outside becomes an empty span. */
function spansInside(intervals: readonly Interval[], clip: Interval): Interval[] {
  return intervals.map(({ startMs, endMs }) => {
    const start = Math.max(startMs, clip.startMs);
    return { startMs: start, endMs: Math.max(start, Math.min(endMs, clip.endMs)) };
  });
}

/** Leaves out the parts that have no row inside the query's intervals. */
export function prune(query: NativeQuery, parts: readonly TablePart[]): PlannedPart[] {
  const bounds = query.filter === null ? null : filterIntervals(query.filter);
  return parts.flatMap((part) => {
    const spans = spansInside(query.intervals, part.interval);
    const rows: Interval = { startMs: part.minTimeMs, endMs: part.maxTimeMs + 1 };
    const isVisible = spans.some((span) => overlaps(span, rows));
    if (part.rowCount === 0 || !isVisible) return [];
    const interval = spans.findIndex(
      (span) => span.startMs <= rows.startMs && span.endMs >= rows.endMs,
    );
    const facts: SegmentFacts = {
      rowCount: part.rowCount,
      minMs: part.minTimeMs,
      maxMs: part.maxTimeMs,
      interval,
      intervalCount: spans.length,
      excluded: bounds !== null && !bounds.some((bound) => overlaps(bound, rows)),
    };
    return [{ part, spans, facts }];
  });
}
