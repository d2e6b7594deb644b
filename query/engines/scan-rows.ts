import { ResourceLimitError } from '../../core/index.js';
import type { ColumnReader, Value } from '../../model/index.js';
import type { Segment } from '../../segments/index.js';
import { rowSelector } from '../compiler/select-rows.js';
import { type ScanTarget, VISITS_PER_CHECK } from '../interpreter/target.js';
import {
  type OpenScan,
  openScan,
  type RowPiece,
  type RowSelector,
  RowWalk,
  timeAt,
} from '../interpreter/walk.js';
import { encodeValues } from '../interpreter/wire-column.js';
import type { ScanOrder, ScanQuery } from '../native/query.js';
import { BestRows } from './best-rows.js';
import type { RowsPartial } from './engine.js';

/**
 * The rows of one job. First those that match are found (with an order: the first ones of it), then their
 * values are read.
 */
export function scanRows(query: ScanQuery, target: ScanTarget): RowsPartial {
  const scan = openScan(target, query.virtualColumns);
  const readers = query.columns.map((name) => scan.source.column(name));
  const wanted = query.limit === null ? Number.POSITIVE_INFINITY : query.offset + query.limit;
  const best = new BestRows(query.orderBy, scan.source, wanted);
  const selector = rowSelector(scan, query);
  const rowsScanned = findRows(scan, query, selector, best, wanted);
  const { rows, keys } = best.finish();
  return {
    kind: 'rows',
    rowCount: rows.length,
    keys,
    keyTypes: best.keyTypes,
    types: readers.map((reader) => (reader.exists ? reader.type : null)),
    columns: readers.map((reader) => encodeValues(reader.type, readAt(scan, reader, rows))),
    rowsScanned,
    compiled: query.filter === null ? null : selector.isCompiled,
  };
}

/** Gives rows to `best` until those that are left cannot be among the `wanted` ones; tells how many it looked at. */
function findRows(
  scan: OpenScan,
  query: ScanQuery,
  selector: RowSelector,
  best: BestRows,
  wanted: number,
): number {
  const { cursor, target } = scan;
  const { maxRows } = target.limits;
  const course = courseOf(query.orderBy, target.segment);
  const isBackward = course === 'backward';
  const walk = new RowWalk(scan, selector);
  let found = 0;
  let lastMs = 0;
  // A scan has one range to a job: the first that is far enough is the end.
  for (const piece of piecesOf(walk, course, best)) {
    const { rows } = piece;
    for (let i = 0; i < rows.length; i++) {
      if (i % VISITS_PER_CHECK === 0) target.checkCancelled();
      if (best.rowCount >= maxRows && wanted > maxRows) throw tooManyRows(maxRows);
      cursor.row = rows[isBackward ? rows.length - 1 - i : i]!;
      best.add(cursor.row);
      if (++found === wanted) lastMs = cursor.timeMs();
    }
    if (found >= wanted && isFar(scan, course, piece, lastMs)) break;
  }
  return walk.rowsScanned;
}

/**
 * How a segment is gone through:
 *
 *     stored     rows lie as they are wanted: the first ones found are the first ones
 *     forward    the earliest come first, but those of one instant lie otherwise
 *     backward   the latest come first
 *     earliest   rows lie in any order: zones of them are taken in that of their times
 *     latest
 *     all        the order has nothing to do with how rows lie
 */
type Course = 'stored' | 'forward' | 'backward' | 'earliest' | 'latest' | 'all';

function piecesOf(walk: RowWalk, course: Course, best: BestRows): Iterable<RowPiece> {
  if (course !== 'earliest' && course !== 'latest') return walk.pieces(course === 'backward');
  return walk.piecesByTime(course === 'latest', (timeMs) => {
    const { lastKey } = best;
    if (typeof lastKey !== 'number') return false;
    return course === 'latest' ? timeMs < lastKey : timeMs > lastKey;
  });
}

function courseOf(orderBy: readonly ScanOrder[], segment: Segment): Course {
  const [first, ...rest] = orderBy;
  if (first === undefined) return 'stored';
  // Rows without a time count as rows of the epoch, but are not ordered as such.
  const time = segment.columns.find(({ name }) => name === '__time');
  const isByTime = first.name === '__time' && time?.stats.hasNulls !== true;
  if (!isByTime) return 'all';
  if (!segment.sortedByTime) return first.descending ? 'latest' : 'earliest';
  if (first.descending) return 'backward';
  return rest.length === 0 ? 'stored' : 'forward';
}

/** Whether all rows behind a piece come after those of the instant `lastMs`. */
function isFar({ cursor }: OpenScan, course: Course, piece: RowPiece, lastMs: number): boolean {
  if (course === 'forward') return timeAt(cursor, piece.to - 1) > lastMs;
  if (course === 'backward') return timeAt(cursor, piece.from) < lastMs;
  return course === 'stored';
}

const readAt = (
  { cursor, target }: OpenScan,
  reader: ColumnReader,
  rows: readonly number[],
): Value[] =>
  rows.map((row, i) => {
    if (i % VISITS_PER_CHECK === 0) target.checkCancelled();
    cursor.row = row;
    return reader.get();
  });

export const tooManyRows = (limit: number): ResourceLimitError =>
  new ResourceLimitError(
    `the scan has more than ${limit} rows (maxResultRows); give it a "limit", a filter or shorter intervals, or raise maxResultRows`,
    limit,
    limit + 1,
  );
