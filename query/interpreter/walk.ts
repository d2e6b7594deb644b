import {
  type Filter,
  type Interval,
  type RowSource,
  TRUE,
  type VirtualColumn,
  withVirtualColumns,
} from '../../model/index.js';
import type { SegmentCursor } from '../../segments/index.js';
import { ROWS_PER_CHECK, type ScanTarget } from './target.js';
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
  return scan.target.segment.sortedByTime
    ? walkSorted(scan, test, visit)
    : walkUnsorted(scan, test, visit);
}

/** The visible rows of a target sorted by time, ascending; widens `visible` to hold their times. */
export function visibleRanges(
  scan: OpenScan,
  visible: VisibleTimes,
): { readonly from: number; readonly to: number }[] {
  return scan.target.spans.flatMap((span, i) => {
    const { from, to } = rowsOfSpan(scan, span);
    if (from >= to) return [];
    widen(visible, i, timeAt(scan.cursor, from), timeAt(scan.cursor, to - 1));
    return [{ from, to }];
  });
}

function walkSorted(
  scan: OpenScan,
  test: (() => boolean) | null,
  visit: () => boolean,
): WalkResult {
  const { cursor, target } = scan;
  const visible = noVisibleTimes(target.spans.length);
  let rowsScanned = 0;
  for (const { from, to } of visibleRanges(scan, visible)) {
    for (let row = from; row < to; row++) {
      if (row % ROWS_PER_CHECK === 0) target.checkCancelled();
      cursor.row = row;
      if ((test === null || test()) && !visit()) {
        return { rowsScanned: rowsScanned + row - from + 1, visible };
      }
    }
    rowsScanned += to - from;
  }
  return { rowsScanned, visible };
}

function walkUnsorted(
  scan: OpenScan,
  test: (() => boolean) | null,
  visit: () => boolean,
): WalkResult {
  const { cursor, target } = scan;
  const { spans } = target;
  const visible = noVisibleTimes(spans.length);
  let rowsScanned = 0;
  for (let row = target.from; row < target.to; row++) {
    if (row % ROWS_PER_CHECK === 0) target.checkCancelled();
    cursor.row = row;
    const timeMs = cursor.timeMs();
    const span = spanOf(spans, timeMs);
    if (span < 0) continue;
    rowsScanned++;
    widen(visible, span, timeMs, timeMs);
    if ((test === null || test()) && !visit()) break;
  }
  return { rowsScanned, visible };
}

/** The rows of a sorted target whose time lies in the span. */
function rowsOfSpan(scan: OpenScan, span: Interval): { from: number; to: number } {
  if (span.startMs >= span.endMs) return { from: 0, to: 0 };
  const from = firstRowAtOrAfter(scan, span.startMs, scan.target.from);
  return { from, to: firstRowAtOrAfter(scan, span.endMs, from) };
}

function firstRowAtOrAfter({ cursor, target }: OpenScan, timeMs: number, from: number): number {
  let low = from;
  let high = target.to;
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
