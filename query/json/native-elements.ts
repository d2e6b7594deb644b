import { formatInstant, formatInterval, type Value, type ValueType } from '../../model/index.js';
import type { GroupByQuery, NativeQuery, ScanQuery } from '../native/query.js';
import type { NativeRows, ResultField, SegmentRows } from '../result.js';

/** How elements of a response are written: as JSON, or as values for another format. */
export interface Notation<T> {
  value(value: Value, type: ValueType): T;
  /** What is JSON as it is. */
  literal(json: unknown): T;
  list(items: readonly T[]): T;
  /** Writes records that have these keys, from their values. */
  record(keys: readonly string[]): (...values: readonly T[]) => T;
  /** Writes the fields of rows from `first` on, as objects. */
  object(fields: readonly ResultField[], first: number): (row: readonly Value[]) => T;
  /** The same as lists. */
  array(fields: readonly ResultField[], first: number): (row: readonly Value[]) => T;
}

/**
 * The elements of Druid's response to a native query, one after the other. Their shapes are in
 * native-queries.md §3 and §4 of Druid's documentation.
 */
export function nativeElements<T>(
  query: NativeQuery,
  result: NativeRows,
  notation: Notation<T>,
): Iterable<T> {
  if (result.segments !== undefined) return segmentElements(query, result.segments, notation);
  const stamp = (timeZone: string) => timestamps(query, timeZone, notation);
  switch (query.queryType) {
    case 'timeseries':
      return timeseriesElements(result, notation, stamp(query.granularity.timeZone));
    case 'topN':
    case 'search':
      return bucketElements(result, notation, stamp(query.granularity.timeZone));
    case 'groupBy':
      return groupByElements(query, result, notation, stamp(query.granularity.timeZone));
    case 'scan':
      return scanElements(query, result, notation);
    case 'timeBoundary':
    case 'dataSourceMetadata':
      return instantElements(result, notation, stamp('UTC'));
    case 'segmentMetadata':
      return analysisElements(result, notation);
    case 'windowOperator':
      return rowElements(result, notation);
  }
}

/** How many elements there are. */
export function countElements({ queryType }: NativeQuery, result: NativeRows): number {
  if (result.segments !== undefined) return result.segments.length;
  if (queryType === 'topN' || queryType === 'search') return result.buckets?.length ?? 0;
  return queryType === 'scan' ? (result.batches?.length ?? 0) : result.rows.length;
}

/** One element per segment; its time is that of its first row, where rows begin with one. */
function* segmentElements<T>(
  query: NativeQuery,
  segments: readonly SegmentRows[],
  notation: Notation<T>,
): Iterable<T> {
  const { value, list, record } = notation;
  const stamp = timestamps(query, 'UTC', notation);
  const element = record(['timestamp', 'result']);
  const result = record(['results', 'segment', 'interval']);
  for (const segment of segments) {
    const { fields, rows, segmentId, interval } = segment;
    const firstMs = fields[0]?.name === '__time' ? rows[0]?.[0] : null;
    const results = list([...nativeElements(query, segment, notation)]);
    const parts = [results, value(segmentId, 'STRING'), value(formatInterval(interval), 'STRING')];
    yield element(stamp(firstMs ?? interval.startMs), result(...parts));
  }
}

/** Writes an instant: ISO-8601 in the zone, or milliseconds when `serializeDateTimeAsLong`. */
type Timestamps<T> = (ms: Value) => T;

function timestamps<T>(
  query: NativeQuery,
  timeZone: string,
  { value }: Notation<T>,
): Timestamps<T> {
  if (query.context.serializeDateTimeAsLong) return (ms) => value(ms, 'LONG');
  // Neighbouring rows mostly share their time.
  let lastMs: Value = null;
  let last = value(null, 'STRING');
  return (ms) => {
    if (ms !== lastMs) {
      lastMs = ms;
      last = value(ms === null ? null : formatInstant(Number(ms), timeZone), 'STRING');
    }
    return last;
  };
}

function* timeseriesElements<T>(
  { fields, rows }: NativeRows,
  { record, object }: Notation<T>,
  stamp: Timestamps<T>,
): Iterable<T> {
  const element = record(['timestamp', 'result']);
  const write = object(fields, 1);
  for (const row of rows) yield element(stamp(row[0]!), write(row));
}

/** One element per bucket, rows or not; `rows` has them bucket by bucket. */
function* bucketElements<T>(
  { fields, rows, buckets = [] }: NativeRows,
  { record, object, list }: Notation<T>,
  stamp: Timestamps<T>,
): Iterable<T> {
  const element = record(['timestamp', 'result']);
  const write = object(fields, 1);
  let next = 0;
  for (const bucketMs of buckets) {
    const items: T[] = [];
    for (; next < rows.length && rows[next]![0] === bucketMs; next++) {
      items.push(write(rows[next]!));
    }
    yield element(stamp(bucketMs), list(items));
  }
}

function* groupByElements<T>(
  query: GroupByQuery,
  { fields, rows }: NativeRows,
  { value, record, object, array }: Notation<T>,
  stamp: Timestamps<T>,
): Iterable<T> {
  if (query.context.resultAsArray) {
    const write = array(fields, query.granularity.kind === 'all' ? 1 : 0);
    for (const row of rows) yield write(row);
    return;
  }
  const element = record(['version', 'timestamp', 'event']);
  const version = value('v1', 'STRING');
  const write = object(fields, 1);
  for (const row of rows) yield element(version, stamp(row[0]!), write(row));
}

function* scanElements<T>(
  { resultFormat }: ScanQuery,
  { fields, rows, batches = [] }: NativeRows,
  { value, record, literal, object, array, list }: Notation<T>,
): Iterable<T> {
  const isCompact = resultFormat === 'compactedList';
  // Clients that read the stream need `columns` before `events`.
  const element = record([
    'segmentId',
    'columns',
    'events',
    ...(isCompact ? ['rowSignature'] : []),
  ]);
  const columns = literal(fields.map(({ name }) => name));
  const signature = isCompact ? [literal(fields)] : [];
  const write = isCompact ? array(fields, 0) : object(fields, 0);
  let next = 0;
  for (const { segmentId, rowCount } of batches) {
    const events = rows.slice(next, next + rowCount).map(write);
    next += rowCount;
    yield element(value(segmentId, 'STRING'), columns, list(events), ...signature);
  }
}

/** timeBoundary and dataSourceMetadata: one row of instants, stamped with its first. */
function* instantElements<T>(
  { fields, rows }: NativeRows,
  { record }: Notation<T>,
  stamp: Timestamps<T>,
): Iterable<T> {
  const element = record(['timestamp', 'result']);
  const instants = record(fields.map(({ name }) => name));
  for (const row of rows) yield element(stamp(row[0]!), instants(...row.map(stamp)));
}

function* rowElements<T>({ fields, rows }: NativeRows, { array }: Notation<T>): Iterable<T> {
  const write = array(fields, 0);
  for (const row of rows) yield write(row);
}

function* analysisElements<T>({ fields, rows }: NativeRows, { value }: Notation<T>): Iterable<T> {
  for (const row of rows) yield value(row[0]!, fields[0]!.type);
}
