import { ResourceLimitError } from '../../core/index.js';
import {
  type ColumnReader,
  complexName,
  complexType,
  isComplexType,
  type Value,
  type ValueType,
} from '../../model/index.js';
import type { ScanTarget } from '../interpreter/target.js';
import { openScan, walk } from '../interpreter/walk.js';
import { decodeValues, encodeValues } from '../interpreter/wire-column.js';
import type { ScanQuery } from '../native/query.js';
import type { ResultField, ScanBatch } from '../result.js';
import { physicalInputs } from './aggregation.js';
import type {
  ColumnSchema,
  FinishContext,
  JobResult,
  Outcome,
  RowsPartial,
  ScanEngine,
} from './engine.js';

/** Returns rows as they are. */
export const scanEngine: ScanEngine<ScanQuery, RowsPartial> = {
  prepare(query, columns) {
    if (query.columns.length > 0) return query;
    const names = allColumns(query, columns);
    return { ...query, columns: names, spec: { ...query.spec, columns: names } };
  },
  inputs: (query) => physicalInputs(query, query.columns),
  withoutScan: (query, facts) => (facts.excluded ? noRows(query) : null),
  scan: scanRows,
  enough: (query, partials) =>
    query.order === 'none' &&
    query.limit !== null &&
    rowsIn(partials) >= query.offset + query.limit,
  finish: finishScan,
};

/** `__time`, virtual columns, dimensions, metrics. */
function allColumns(query: ScanQuery, columns: readonly ColumnSchema[]): string[] {
  const named = (role: ColumnSchema['role']) =>
    columns.filter((column) => column.role === role).map((column) => column.name);
  const virtual = query.virtualColumns.map((column) => column.name);
  return [...new Set([...named('time'), ...virtual, ...named('dimension'), ...named('metric')])];
}

const noRows = (query: ScanQuery): RowsPartial => ({
  kind: 'rows',
  rowCount: 0,
  times: [],
  types: query.columns.map(() => null),
  columns: query.columns.map(() => []),
  rowsScanned: 0,
});

const rowsIn = (partials: readonly RowsPartial[]): number =>
  partials.reduce((sum, partial) => sum + partial.rowCount, 0);

/**
 * First the matching rows are found (and, for an order, sorted by time and cut to the limit), then
 * their values are read.
 */
function scanRows(query: ScanQuery, target: ScanTarget): RowsPartial {
  const scan = openScan(target, query.virtualColumns);
  const readers = query.columns.map((name) => scan.source.column(name));
  const wanted = query.limit === null ? Number.POSITIVE_INFINITY : query.offset + query.limit;
  const isOrdered = query.order !== 'none';
  const rows: number[] = [];
  const { rowsScanned } = walk(scan, query.filter, () => {
    if (rows.length >= target.limits.maxRows && wanted > target.limits.maxRows) {
      throw tooManyRows(target.limits.maxRows);
    }
    rows.push(scan.cursor.row);
    return isOrdered || rows.length < wanted;
  });
  const chosen = isOrdered ? inTimeOrder(query, scan.cursor, rows).slice(0, wanted) : rows;
  return {
    kind: 'rows',
    rowCount: chosen.length,
    times: isOrdered ? timesAt(scan.cursor, chosen) : [],
    types: readers.map((reader) => (reader.exists ? reader.type : null)),
    columns: readers.map((reader) =>
      encodeValues(reader.type, readAt(scan.cursor, reader, chosen)),
    ),
    rowsScanned,
  };
}

interface TimedRows {
  row: number;
  timeMs(): number;
}

function timesAt(cursor: TimedRows, rows: readonly number[]): number[] {
  return rows.map((row) => {
    cursor.row = row;
    return cursor.timeMs();
  });
}

/** By time, rows of equal time in stored order. */
function inTimeOrder(query: ScanQuery, cursor: TimedRows, rows: readonly number[]): number[] {
  const times = timesAt(cursor, rows);
  const sign = query.order === 'descending' ? -1 : 1;
  return rows
    .map((_, i) => i)
    .sort((a, b) => sign * (times[a]! - times[b]!) || a - b)
    .map((i) => rows[i]!);
}

function readAt(cursor: TimedRows, reader: ColumnReader, rows: readonly number[]): Value[] {
  return rows.map((row) => {
    cursor.row = row;
    return reader.get();
  });
}

function finishScan(
  query: ScanQuery,
  results: readonly JobResult<RowsPartial>[],
  context: FinishContext,
): Outcome {
  const { maxResultRows } = context.limits;
  const available = rowsIn(results.map((result) => result.partial));
  const end = query.limit === null ? available : Math.min(available, query.offset + query.limit);
  if (end - query.offset > maxResultRows) throw tooManyRows(maxResultRows);
  const fields = fieldsOf(query, results, context.columns);
  const isOrdered = query.order !== 'none';
  const places = (isOrdered ? placesByTime(query, results) : placesInOrder(results)).slice(
    query.offset,
    end,
  );
  const decoded = results.map(({ partial }) =>
    partial.columns.map((values, i) =>
      decodeValues(partial.types[i] ?? 'STRING', values as readonly Value[]),
    ),
  );
  const rows = places.map(({ result, row }) => decoded[result]!.map((values) => values[row]!));
  const ids = places.map(({ result }) => (isOrdered ? null : results[result]!.segmentId));
  return { fields, rows, batches: batchesOf(ids, query.batchSize) };
}

/** Which row of which job. */
interface Place {
  readonly result: number;
  readonly row: number;
}

const placesInOrder = (results: readonly JobResult<RowsPartial>[]): Place[] =>
  results.flatMap(({ partial }, result) =>
    Array.from({ length: partial.rowCount }, (_, row) => ({ result, row })),
  );

function placesByTime(query: ScanQuery, results: readonly JobResult<RowsPartial>[]): Place[] {
  const sign = query.order === 'descending' ? -1 : 1;
  const timeOf = ({ result, row }: Place) => results[result]!.partial.times[row]!;
  // The sort is stable: rows of equal time stay in the order of segments.
  return placesInOrder(results).sort((a, b) => sign * (timeOf(a) - timeOf(b)));
}

/** Runs of one segment, cut at the batch size. */
function batchesOf(segmentIds: readonly (string | null)[], batchSize: number): ScanBatch[] {
  const batches: { segmentId: string | null; rowCount: number }[] = [];
  for (const segmentId of segmentIds) {
    const last = batches.at(-1);
    if (last?.segmentId === segmentId && last.rowCount < batchSize) last.rowCount++;
    else batches.push({ segmentId, rowCount: 1 });
  }
  return batches;
}

/** The type of a column is that of the last segment that has it, else what the table knows, else STRING. */
function fieldsOf(
  query: ScanQuery,
  results: readonly JobResult<RowsPartial>[],
  columns: readonly ColumnSchema[],
): ResultField[] {
  const known = new Map(columns.map((column) => [column.name, column.type]));
  for (const column of query.virtualColumns) known.delete(column.name);
  return query.columns.map((name, i) => {
    let type: ValueType | undefined;
    for (const { partial } of results) type = partial.types[i] ?? type;
    return { name, type: checkedType(type ?? known.get(name) ?? 'STRING') };
  });
}

/** Fails early on a stored type that nobody can show. */
function checkedType(type: ValueType): ValueType {
  if (isComplexType(type)) complexType(complexName(type));
  return type;
}

const tooManyRows = (limit: number): ResourceLimitError =>
  new ResourceLimitError(
    `the scan has more than ${limit} rows (maxResultRows); give it a "limit", a filter or shorter intervals, or raise maxResultRows`,
    limit,
    limit + 1,
  );
