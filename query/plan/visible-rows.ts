import type { Interval } from '../../model/index.js';
import { attachSegment, type SegmentHandle } from '../../segments/index.js';
import type { RowRange } from '../interpreter/target.js';
import { rowsOfSpan } from '../interpreter/walk.js';

/**
 * The rows of a pinned segment from the first one that lies in a span to the last: where they are sorted by time,
 * no others need become jobs.
 */
export function visibleRows(handle: SegmentHandle, spans: readonly Interval[]): RowRange {
  const segment = attachSegment(handle);
  const all: RowRange = { from: 0, to: segment.rowCount };
  if (!segment.sortedByTime) return all;
  const cursor = segment.cursor();
  const visible = spans.map((span) => rowsOfSpan(cursor, all, span)).filter(hasRows);
  return { from: visible[0]?.from ?? 0, to: visible.at(-1)?.to ?? 0 };
}

const hasRows = ({ from, to }: RowRange): boolean => from < to;
