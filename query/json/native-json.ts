import { formatInstant, type Value } from '../../model/index.js';
import type { GroupByQuery, NativeQuery, ScanQuery } from '../native/query.js';
import type { QueryResult, ResultField } from '../result.js';
import { jsonValue } from './json-values.js';

/**
 * Druid's JSON response to a native query, in pieces: `[`, the elements, `]`. Element shapes are in
 * native-queries.md §3 and §4 of Druid's documentation.
 */
export function* nativeJson(query: NativeQuery, result: QueryResult): Iterable<string> {
  yield '[';
  let separator = '';
  for (const element of elements(query, result)) {
    yield separator + element;
    separator = ',';
  }
  yield ']';
}

function elements(query: NativeQuery, result: QueryResult): Iterable<string> {
  switch (query.queryType) {
    case 'timeseries':
      return timeseriesElements(result, timestamps(query, query.granularity.timeZone));
    case 'topN':
      return bucketElements(result, timestamps(query, query.granularity.timeZone));
    case 'search':
      return bucketElements(result, timestamps(query, query.granularity.timeZone));
    case 'groupBy':
      return groupByElements(query, result, timestamps(query, query.granularity.timeZone));
    case 'scan':
      return scanElements(query, result);
    case 'timeBoundary':
    case 'dataSourceMetadata':
      return instantElements(result, timestamps(query, 'UTC'));
    case 'segmentMetadata':
      return analysisElements(result);
  }
}

/** Writes an instant: ISO-8601 in the zone, or milliseconds when `serializeDateTimeAsLong`. */
type Timestamps = (ms: Value) => string;

function timestamps(query: NativeQuery, timeZone: string): Timestamps {
  if (query.context.serializeDateTimeAsLong) return (ms) => (ms === null ? 'null' : String(ms));
  // Neighbouring rows mostly share their time.
  let lastMs: Value = null;
  let text = 'null';
  return (ms) => {
    if (ms !== lastMs) {
      lastMs = ms;
      text = ms === null ? 'null' : `"${formatInstant(Number(ms), timeZone)}"`;
    }
    return text;
  };
}

/** Writes the fields from `first` on as one object. */
function objectWriter(
  fields: readonly ResultField[],
  first: number,
): (row: readonly Value[]) => string {
  const keys = fields.map(({ name }) => `${JSON.stringify(name)}:`);
  return (row) => {
    let text = '{';
    for (let i = first; i < keys.length; i++) {
      text += `${i > first ? ',' : ''}${keys[i]!}${jsonValue(row[i]!, fields[i]!.type)}`;
    }
    return `${text}}`;
  };
}

function* timeseriesElements({ fields, rows }: QueryResult, stamp: Timestamps): Iterable<string> {
  const write = objectWriter(fields, 1);
  for (const row of rows) yield `{"timestamp":${stamp(row[0]!)},"result":${write(row)}}`;
}

/** One element per bucket, rows or not; `rows` has them bucket by bucket. */
function* bucketElements(result: QueryResult, stamp: Timestamps): Iterable<string> {
  const { fields, rows, buckets = [] } = result;
  const write = objectWriter(fields, 1);
  let next = 0;
  for (const bucketMs of buckets) {
    const items: string[] = [];
    for (; next < rows.length && rows[next]![0] === bucketMs; next++) {
      items.push(write(rows[next]!));
    }
    yield `{"timestamp":${stamp(bucketMs)},"result":[${items.join(',')}]}`;
  }
}

function* groupByElements(
  query: GroupByQuery,
  { fields, rows }: QueryResult,
  stamp: Timestamps,
): Iterable<string> {
  if (query.context.resultAsArray) {
    const first = query.granularity.kind === 'all' ? 1 : 0;
    const write = arrayWriter(fields, first);
    for (const row of rows) yield write(row);
    return;
  }
  const write = objectWriter(fields, 1);
  for (const row of rows) {
    yield `{"version":"v1","timestamp":${stamp(row[0]!)},"event":${write(row)}}`;
  }
}

function arrayWriter(fields: readonly ResultField[], first = 0): (row: readonly Value[]) => string {
  return (row) =>
    `[${fields
      .slice(first)
      .map(({ type }, i) => jsonValue(row[first + i]!, type))
      .join(',')}]`;
}

function* scanElements(query: ScanQuery, result: QueryResult): Iterable<string> {
  const { fields, rows, batches = [] } = result;
  const isCompact = query.resultFormat === 'compactedList';
  const columns = JSON.stringify(fields.map(({ name }) => name));
  const signature = isCompact ? `,"rowSignature":${JSON.stringify(fields)}` : '';
  const write = isCompact ? arrayWriter(fields) : objectWriter(fields, 0);
  let next = 0;
  for (const { segmentId, rowCount } of batches) {
    const events = rows.slice(next, next + rowCount).map(write);
    next += rowCount;
    // Clients that read the stream need `columns` before `events`.
    yield `{"segmentId":${JSON.stringify(segmentId)},"columns":${columns},"events":[${events.join(',')}]${signature}}`;
  }
}

/** timeBoundary and dataSourceMetadata: one row of instants, stamped with its first. */
function* instantElements({ fields, rows }: QueryResult, stamp: Timestamps): Iterable<string> {
  for (const row of rows) {
    const parts = fields.map(({ name }, i) => `${JSON.stringify(name)}:${stamp(row[i]!)}`);
    yield `{"timestamp":${stamp(row[0]!)},"result":{${parts.join(',')}}}`;
  }
}

function* analysisElements({ fields, rows }: QueryResult): Iterable<string> {
  for (const row of rows) yield jsonValue(row[0]!, fields[0]!.type);
}
