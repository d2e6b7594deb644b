import {
  type Filter,
  type Interval,
  type RowSource,
  TRUE,
  type VirtualColumn,
  withVirtualColumns,
} from '../../model/index.js';
import type { SegmentCursor } from '../../segments/index.js';
import { ROWS_PER_CHECK, type RowRange, type ScanTarget, VISITS_PER_CHECK } from './target.js';
import { noVisibleTimes, type VisibleTimes, widen } from './visible-times.js';
import { TIME_ZONE_ROWS, zoneTimesOf } from './zone-times.js';

/** A target opened for one query: what its readers are made from, and where its cursor stands. */
export interface OpenScan {
  readonly target: ScanTarget;
  readonly cursor: SegmentCursor;
  /** The columns of the segment and the query's virtual columns, at the cursor's row. */
  readonly source: RowSource;
}

/** Makes a cursor over the target's rows with the virtual columns on top. */
export function openScan(target: ScanTarget, virtualColumns: readonly VirtualColumn[]): OpenScan {
  const cursor = target.segment.cursor();
  const source = virtualColumns.length === 0 ? cursor : withVirtualColumns(cursor, virtualColumns);
  return { target, cursor, source };
}

/** Finds rows that pass a filter. */
export interface RowSelector {
  readonly isCompiled: boolean;
  /** It takes no more rows at a time. */
  readonly maxRows: number;
  /** Those of [from, to) that pass, ascending. The list is used again by the next call. */
  select(from: number, to: number): Uint32Array;
}

/** Rows that were looked at together, and those of them that pass. */
export interface RowPiece extends RowRange {
  readonly rows: Uint32Array;
}

/** The first piece of a range is small, since the walk may end there; each is twice the one before. */
const FIRST_PIECE = 1024;

/**
 * Goes over the visible rows of a target, piece by piece. Where rows are sorted by time the spans are
 * found by binary search; otherwise each row's time is tested.
 */
export class RowWalk {
  /** Rows looked at: inside the spans, before the filter. */
  rowsScanned = 0;
  readonly visible: VisibleTimes;

  constructor(
    private readonly scan: OpenScan,
    private readonly selector: RowSelector,
  ) {
    this.visible = noVisibleTimes(scan.target.spans.length);
  }

  /** In stored order, or the last piece of each range first, where rows are sorted by time. */
  *pieces(isBackward = false): Generator<RowPiece> {
    const { target } = this.scan;
    for (const range of target.ranges()) {
      if (!target.segment.sortedByTime) yield* this.#unsorted(range);
      else {
        const visible = visibleRanges(this.scan, range, this.visible);
        for (const part of isBackward ? visible.reverse() : visible) {
          yield* isBackward ? this.#backward(part) : this.#forward(part);
        }
      }
    }
  }

  /**
   * Of rows in no order of time: zone by zone, those with the earliest times first, or with the latest. The walk ends
   * where all times of the zones that are left are past, as `isPast` says of the nearest one.
   */
  *piecesByTime(isBackward: boolean, isPast: (timeMs: number) => boolean): Generator<RowPiece> {
    const times = zoneTimesOf(this.scan.target.segment);
    const nearest = (zone: number) => (isBackward ? -times.mostMs(zone) : times.leastMs(zone));
    for (const { from, to } of this.scan.target.ranges()) {
      const first = Math.floor(from / TIME_ZONE_ROWS);
      const count = Math.ceil(to / TIME_ZONE_ROWS) - first;
      const zones = Array.from({ length: count }, (_, i) => first + i);
      zones.sort((a, b) => nearest(a) - nearest(b) || a - b);
      for (const zone of zones) {
        if (isPast(isBackward ? times.mostMs(zone) : times.leastMs(zone))) break;
        const start = zone * TIME_ZONE_ROWS;
        yield* this.#unsorted({
          from: Math.max(from, start),
          to: Math.min(to, start + TIME_ZONE_ROWS),
        });
      }
    }
  }

  *#forward({ from, to }: RowRange): Generator<RowPiece> {
    let size = FIRST_PIECE;
    for (let start = from; start < to; size *= 2) {
      const end = Math.min(to, start + Math.min(size, this.selector.maxRows));
      yield this.#piece(start, end);
      start = end;
    }
  }

  *#backward({ from, to }: RowRange): Generator<RowPiece> {
    let size = FIRST_PIECE;
    for (let end = to; end > from; size *= 2) {
      const start = Math.max(from, end - Math.min(size, this.selector.maxRows));
      yield this.#piece(start, end);
      end = start;
    }
  }

  #piece(from: number, to: number): RowPiece {
    this.scan.target.checkCancelled();
    this.rowsScanned += to - from;
    return { from, to, rows: this.selector.select(from, to) };
  }

  /** In runs of visible rows: others are not shown to the filter, which might fail there. */
  *#unsorted({ from, to }: RowRange): Generator<RowPiece> {
    let start = from;
    for (const { rows, span } of this.#spansOf({ from, to })) {
      if (span >= 0) continue;
      yield* this.#forward({ from: start, to: rows.from });
      start = rows.to;
    }
    yield* this.#forward({ from: start, to });
  }

  /** Which rows lie in which span, -1 for none; widens `visible` to hold their times. */
  *#spansOf({ from, to }: RowRange): Generator<{ rows: RowRange; span: number }> {
    const { spans, segment } = this.scan.target;
    const zones = zoneTimesOf(segment);
    for (let row = from; row < to; ) {
      const zone = Math.floor(row / TIME_ZONE_ROWS);
      const end = Math.min(to, (zone + 1) * TIME_ZONE_ROWS);
      const isWhole = row % TIME_ZONE_ROWS === 0 && (end < to || to === segment.rowCount);
      const [minMs, maxMs] = isWhole ? [zones.leastMs(zone), zones.mostMs(zone)] : [0, -1];
      const span = isWhole ? spanOf(spans, minMs) : -1;
      if (span >= 0 && maxMs < spans[span]!.endMs) {
        widen(this.visible, span, minMs, maxMs);
        yield { rows: { from: row, to: end }, span };
      } else {
        for (let each = row; each < end; each++) {
          const timeMs = zones.timeAt(each);
          const own = spanOf(spans, timeMs);
          if (own >= 0) widen(this.visible, own, timeMs, timeMs);
          yield { rows: { from: each, to: each + 1 }, span: own };
        }
      }
      row = end;
    }
  }
}

/** Asks the filter itself, row by row. */
export function interpretedSelector(
  { cursor, source }: OpenScan,
  filter: Filter | null,
): RowSelector {
  const found = new Uint32Array(ROWS_PER_CHECK);
  const shared = { isCompiled: false, maxRows: ROWS_PER_CHECK };
  if (filter === null) {
    return {
      ...shared,
      select(from, to) {
        for (let row = from; row < to; row++) found[row - from] = row;
        return found.subarray(0, to - from);
      },
    };
  }
  const predicate = filter.predicate(source);
  return {
    ...shared,
    select(from, to) {
      let count = 0;
      for (let row = from; row < to; row++) {
        cursor.row = row;
        if (predicate() === TRUE) found[count++] = row;
      }
      return found.subarray(0, count);
    },
  };
}

export interface WalkResult {
  readonly rowsScanned: number;
  readonly visible: VisibleTimes;
}

/** Stands on every visible row that passes, in stored order, and calls `visit`. */
export function walk(scan: OpenScan, selector: RowSelector, visit: () => void): WalkResult {
  const rowWalk = new RowWalk(scan, selector);
  const { cursor, target } = scan;
  for (const { rows } of rowWalk.pieces()) {
    for (let i = 0; i < rows.length; i++) {
      // To visit a row may take far longer than to select it.
      if (i % VISITS_PER_CHECK === 0) target.checkCancelled();
      cursor.row = rows[i]!;
      visit();
    }
  }
  return rowWalk;
}

/** The visible rows of a range sorted by time, ascending; widens `visible` to hold their times. */
export function visibleRanges(scan: OpenScan, range: RowRange, visible: VisibleTimes): RowRange[] {
  return scan.target.spans.flatMap((span, i) => {
    const { from, to } = rowsOfSpan(scan.cursor, range, span);
    if (from >= to) return [];
    widen(visible, i, timeAt(scan.cursor, from), timeAt(scan.cursor, to - 1));
    return [{ from, to }];
  });
}

/** The rows of a range sorted by time that lie in the span. */
export function rowsOfSpan(cursor: SegmentCursor, range: RowRange, span: Interval): RowRange {
  const { from, to } = range;
  if (span.startMs >= span.endMs || from >= to) return { from: 0, to: 0 };
  // Mostly all of them, or all up to one end: a look at the ends tells.
  const first =
    timeAt(cursor, from) >= span.startMs ? from : firstRowAtOrAfter(cursor, span.startMs, from, to);
  if (first === to || timeAt(cursor, to - 1) < span.endMs) return { from: first, to };
  return { from: first, to: firstRowAtOrAfter(cursor, span.endMs, first, to) };
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

/** The time of a row, on which the cursor stands afterwards. */
export function timeAt(cursor: SegmentCursor, row: number): number {
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
