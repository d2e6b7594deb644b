import { mapInPieces, type Turns } from '../../core/index.js';
import {
  complexName,
  complexType,
  isComplexType,
  type Value,
  type ValueType,
} from '../../model/index.js';
import { decodeValues } from '../interpreter/wire-column.js';
import type { ScanQuery } from '../native/query.js';
import { scanOrderSpec } from '../native/scan-order.js';
import type { ResultField, ScanBatch } from '../result.js';
import { physicalInputs } from './aggregation.js';
import type {
  ColumnSchema,
  FinishContext,
  FinishLimits,
  JobResult,
  Outcome,
  RowsPartial,
  ScanEngine,
} from './engine.js';
import { keyComparators } from './row-order.js';
import { scanRows, tooManyRows } from './scan-rows.js';
import { topOf } from './top-of.js';

/** Returns rows as they are. */
export const scanEngine: ScanEngine<ScanQuery, RowsPartial> = {
  prepare(query, columns) {
    if (query.columns.length > 0) return query;
    const names = allColumns(query, columns);
    // Rows in memory may have no time, which `order` would ask for.
    const orderBy = query.orderBy.map(scanOrderSpec);
    const spec = { ...query.spec, columns: names, order: 'none', orderBy };
    return { ...query, columns: names, spec };
  },
  inputs: (query) => physicalInputs(query, [...query.columns, ...keyNames(query)]),
  withoutScan: (query, facts) => (facts.excluded ? noRows(query) : null),
  groups: () => null,
  scan: scanRows,
  candidates: () => null,
  asRows: () => null,
  enough: (query, partials, limits) => rowsIn(partials) >= sufficientRows(query, limits),
  finish: finishScan,
};

const keyNames = ({ orderBy }: ScanQuery): string[] => orderBy.map(({ name }) => name);

/** With so many rows, more change nothing: the answer is known, or known to be too long. */
function sufficientRows(query: ScanQuery, { maxResultRows }: FinishLimits): number {
  const limit = query.limit ?? Number.POSITIVE_INFINITY;
  const isAnswer = query.orderBy.length === 0 && limit <= maxResultRows;
  if (isAnswer) return query.offset + limit;
  return limit > maxResultRows ? query.offset + maxResultRows + 1 : Number.POSITIVE_INFINITY;
}

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
  keys: query.orderBy.map(() => []),
  keyTypes: query.orderBy.map(() => null),
  types: query.columns.map(() => null),
  columns: query.columns.map(() => []),
  rowsScanned: 0,
  compiled: null,
});

const rowsIn = (partials: readonly RowsPartial[]): number =>
  partials.reduce((sum, partial) => sum + partial.rowCount, 0);

function* finishScan(
  query: ScanQuery,
  results: readonly JobResult<RowsPartial>[],
  context: FinishContext,
): Turns<Outcome> {
  const { maxResultRows } = context.limits;
  const available = rowsIn(results.map((result) => result.partial));
  const end = query.limit === null ? available : Math.min(available, query.offset + query.limit);
  if (end - query.offset > maxResultRows) throw tooManyRows(maxResultRows);
  const fields = fieldsOf(query, results, context.columns);
  const isOrdered = query.orderBy.length > 0;
  const places = placesOf(results);
  const sorted = isOrdered ? yield* topOf(places, end, placeOrder(query, results)) : places;
  const chosen = sorted.slice(query.offset, end);
  const decoded = results.map(({ partial }) =>
    partial.columns.map((values, i) =>
      decodeValues(partial.types[i] ?? 'STRING', values as readonly Value[]),
    ),
  );
  const rows = yield* mapInPieces(chosen, ({ result, row }) =>
    decoded[result]!.map((values) => values[row]!),
  );
  const ids = chosen.map(({ result }) => (isOrdered ? null : results[result]!.segmentId));
  return { fields, rows, batches: batchesOf(ids, query.batchSize) };
}

/** Which row of which job. */
interface Place {
  readonly result: number;
  readonly row: number;
}

const placesOf = (results: readonly JobResult<RowsPartial>[]): Place[] =>
  results.flatMap(({ partial }, result) =>
    Array.from({ length: partial.rowCount }, (_, row) => ({ result, row })),
  );

function placeOrder(
  { orderBy }: ScanQuery,
  results: readonly JobResult<RowsPartial>[],
): (a: Place, b: Place) => number {
  const partials = results.map(({ partial }) => partial);
  const typesOf = (i: number) =>
    partials.flatMap(({ rowCount, keyTypes }) => (rowCount === 0 ? [] : (keyTypes[i] ?? [])));
  const comparators = keyComparators(
    orderBy,
    orderBy.map((_, i) => typesOf(i)),
  );
  return (a, b) => {
    for (let i = 0; i < comparators.length; i++) {
      const valueA = partials[a.result]!.keys[i]![a.row]!;
      const valueB = partials[b.result]!.keys[i]![b.row]!;
      const order = comparators[i]!(valueA, valueB);
      if (order !== 0) return order;
    }
    return 0;
  };
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
