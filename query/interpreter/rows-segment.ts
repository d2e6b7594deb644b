import {
  type ColumnReader,
  type Interval,
  NULL_READER,
  type Value,
  type ValueType,
} from '../../model/index.js';
import type { ColumnDescription, Segment, SegmentCursor } from '../../segments/index.js';
import type { ResultField } from '../result.js';
import { decodeValues, encodeValues } from './wire-column.js';

/** Rows of an inline data source or of an inner query, by column. */
export interface RowBlock {
  readonly fields: readonly ResultField[];
  /** Per field, per row. */
  readonly columns: readonly (readonly Value[])[];
  readonly rowCount: number;
}

/** The same rows by column. */
export function toRowBlock(
  fields: readonly ResultField[],
  rows: readonly (readonly Value[])[],
): RowBlock {
  return {
    fields,
    columns: fields.map((_, column) => rows.map((row) => row[column] ?? null)),
    rowCount: rows.length,
  };
}

/** The block in a form that can cross a thread, and back. */
export function encodeBlock(block: RowBlock): RowBlock {
  return mapColumns(block, encodeValues);
}

export function decodeBlock(block: RowBlock): RowBlock {
  return mapColumns(block, decodeValues);
}

const mapColumns = (
  block: RowBlock,
  map: (type: ValueType, values: readonly Value[]) => readonly Value[],
): RowBlock => ({
  ...block,
  columns: block.columns.map((values, i) => map(block.fields[i]!.type, values)),
});

/** The spans of rows that have no time: all of them lie in the first interval, at the epoch. */
export function timelessSpans(intervals: readonly Interval[]): Interval[] {
  return intervals.map((_, i) => ({ startMs: Math.min(i, 1), endMs: 1 }));
}

/** True when the rows carry a time of their own. */
export const hasTime = (block: RowBlock): boolean =>
  block.fields.some((field) => field.name === '__time');

/** Lets the engines read rows as they read a segment. Rows without a time, or a null one, are at the epoch. */
export function rowsSegment(block: RowBlock): Segment {
  const times = timesOf(block);
  const columns = block.fields.map((field, i) => describe(field, block.columns[i]!));
  return {
    rowCount: block.rowCount,
    minTimeMs: times.reduce<number | null>((a, b) => (a === null || b < a ? b : a), null),
    maxTimeMs: times.reduce<number | null>((a, b) => (a === null || b > a ? b : a), null),
    isTransient: true,
    lineage: null,
    sortedByTime: times.every((time, i) => i === 0 || times[i - 1]! <= time),
    columns,
    describe: (name) => columns.find((column) => column.name === name) ?? null,
    aggregators: {},
    rollup: false,
    queryGranularity: null,
    cursor: () => rowsCursor(block, times),
    scanMemory: null,
    scanColumn: () => null,
    index: () => null,
  };
}

function timesOf(block: RowBlock): readonly number[] {
  const index = block.fields.findIndex((field) => field.name === '__time');
  if (index < 0) return new Array<number>(block.rowCount).fill(0);
  return block.columns[index]!.map((value) => Number(value ?? 0));
}

const isMultiValue = (field: ResultField, values: readonly Value[]): boolean =>
  field.type === 'STRING' && values.some((value) => Array.isArray(value));

function describe(field: ResultField, values: readonly Value[]): ColumnDescription {
  return {
    name: field.name,
    type: field.type,
    multiValue: isMultiValue(field, values),
    role: field.name === '__time' ? 'time' : 'dimension',
    stats: {
      cardinality: null,
      min: null,
      max: null,
      hasNulls: values.includes(null),
      sizeBytes: 0,
    },
  };
}

function rowsCursor(block: RowBlock, times: readonly number[]): SegmentCursor {
  const cursor: SegmentCursor = {
    row: 0,
    rowCount: block.rowCount,
    timeMs: () => times[cursor.row]!,
    column(name): ColumnReader {
      const index = block.fields.findIndex((field) => field.name === name);
      if (index < 0) return NULL_READER;
      const values = block.columns[index]!;
      const field = block.fields[index]!;
      return {
        type: field.type,
        multiValue: isMultiValue(field, values),
        exists: true,
        get: () => values[cursor.row]!,
      };
    },
  };
  return cursor;
}
