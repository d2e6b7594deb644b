import {
  type Filter,
  type Interval,
  type RowSource,
  TRUE,
  type VirtualColumn,
  withVirtualColumns,
} from '../../model/index.js';
import type { SegmentCursor } from '../../segments/index.js';
import { ROWS_PER_CHECK, type RowRange, type ScanTarget } from './target.js';
import { noVisibleTimes, type VisibleTimes, widen } from './visible-times.js';

/** A target opened for one query: what its readers are made from, and where its cursor stands. */
export interface OpenScan {
  readonly target: ScanTarget;
  readonly cursor: SegmentCursor;
  /** The columns of the segment and the query's virtual columns, at the cursor's row. */
  readonly source: RowSource;
}

export interface WalkResult {
  /** Rows looked at: inside the spans, before the filter. */
  readonly rowsScanned: number;
  readonly visible: VisibleTimes;
}

/** Makes a cursor over the target's rows with the virtual columns on top. */
export function openScan(target: ScanTarget, virtualColumns: readonly VirtualColumn[]): OpenScan {
  const cursor = target.segment.cursor();
  const source = virtualColumns.length === 0 ? cursor : withVirtualColumns(cursor, virtualColumns);
  return { target, cursor, source };
}

/**
 * Stands on every visible row that passes the filter, in stored order, and calls `visit`, which
 * answers whether to go on. Where rows are sorted by time the spans are found by binary search; otherwise each row's time is tested.
 */
export function walk(scan: OpenScan, filter: Filter | null, visit: () => boolean): WalkResult {
  const predicate = filter === null ? null : filter.predicate(scan.source);
  const test = predicate === null ? null : () => predicate() === TRUE;
  const { target } = scan;
  const visible = noVisibleTimes(target.spans.length);
  const walkRange = target.segment.sortedByTime ? walkSorted : walkUnsorted;
  let rowsScanned = 0;
  for (const range of target.ranges()) {
    const walked = walkRange(scan, range, visible, test, visit);
    rowsScanned += walked.rowsScanned;
    if (walked.isStopped) break;
  }
  return { rowsScanned, visible };
}

/** How far a range was walked, and whether `visit` wanted no more. */
interface Walked {
  readonly rowsScanned: number;
  readonly isStopped: boolean;
}

/** The visible rows of a range sorted by time, ascending; widens `visible` to hold their times. */
export function visibleRanges(scan: OpenScan, range: RowRange, visible: VisibleTimes): RowRange[] {
  return scan.target.spans.flatMap((span, i) => {
    const { from, to } = rowsOfSpan(scan, range, span);
    if (from >= to) return [];
    widen(visible, i, timeAt(scan.cursor, from), timeAt(scan.cursor, to - 1));
    return [{ from, to }];
  });
}

function walkSorted(
  scan: OpenScan,
  range: RowRange,
  visible: VisibleTimes,
  test: (() => boolean) | null,
  visit: () => boolean,
): Walked {
  const { cursor, target } = scan;
  let rowsScanned = 0;
  for (const { from, to } of visibleRanges(scan, range, visible)) {
    for (let row = from; row < to; row++) {
      if (row % ROWS_PER_CHECK === 0) target.checkCancelled();
      cursor.row = row;
      if ((test === null || test()) && !visit()) {
        return { rowsScanned: rowsScanned + row - from + 1, isStopped: true };
      }
    }
    rowsScanned += to - from;
  }
  return { rowsScanned, isStopped: false };
}

function walkUnsorted(
  scan: OpenScan,
  { from, to }: RowRange,
  visible: VisibleTimes,
  test: (() => boolean) | null,
  visit: () => boolean,
): Walked {
  const { cursor, target } = scan;
  const { spans } = target;
  let rowsScanned = 0;
  for (let row = from; row < to; row++) {
    if (row % ROWS_PER_CHECK === 0) target.checkCancelled();
    cursor.row = row;
    const timeMs = cursor.timeMs();
    const span = spanOf(spans, timeMs);
    if (span < 0) continue;
    rowsScanned++;
    widen(visible, span, timeMs, timeMs);
    if ((test === null || test()) && !visit()) return { rowsScanned, isStopped: true };
  }
  return { rowsScanned, isStopped: false };
}

/** The rows of a sorted target whose time lies in the span. */
function rowsOfSpan({ cursor }: OpenScan, range: RowRange, span: Interval): RowRange {
  if (span.startMs >= span.endMs) return { from: 0, to: 0 };
  const from = firstRowAtOrAfter(cursor, span.startMs, range.from, range.to);
  return { from, to: firstRowAtOrAfter(cursor, span.endMs, from, range.to) };
}

function firstRowAtOrAfter(
  cursor: SegmentCursor,
  timeMs: number,
  from: number,
  to: number,
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeAt(cursor, middle) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function timeAt(cursor: SegmentCursor, row: number): number {
  cursor.row = row;
  return cursor.timeMs();
}

/** The position of the span that holds the instant, -1 when none does. Spans ascend and are disjoint. */
function spanOf(spans: readonly Interval[], timeMs: number): number {
  let low = 0;
  let high = spans.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const { startMs, endMs } = spans[middle]!;
    if (timeMs < startMs) high = middle - 1;
    else if (timeMs >= endMs) low = middle + 1;
    else return middle;
  }
  return -1;
}
