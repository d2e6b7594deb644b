import { ArenaPool } from '../core/index.js';
import {
  type ColumnReader,
  NONE_GRANULARITY,
  NULL_READER,
  parseAggregator,
  type RowCursor,
  type Value,
  type ValueType,
} from '../model/index.js';
import type { DimensionSchema, SegmentSchema } from './schema.js';
import type { Segment } from './types.js';

/** For tests: one row, by column. */
export type PlainRow = Readonly<Record<string, Value>>;

/** For tests: a cursor over plain rows; a column is there when `types` has it. */
export function rowsOf(rows: readonly PlainRow[], types: Record<string, ValueType>): RowCursor {
  const cursor: RowCursor = {
    row: 0,
    rowCount: rows.length,
    column(name: string): ColumnReader {
      const type = types[name];
      if (type === undefined) return NULL_READER;
      return {
        type,
        multiValue: type === 'STRING',
        exists: true,
        get: () => rows[cursor.row]![name] ?? null,
      };
    },
  };
  return cursor;
}

/** For tests: dimensions by name and type, aggregators as JSON. */
export function schemaOf(
  dimensions: Record<string, DimensionSchema['type']>,
  metrics: readonly Record<string, unknown>[] = [],
  settings: Partial<SegmentSchema> = {},
): SegmentSchema {
  return {
    dataSource: 'test',
    dimensions: Object.entries(dimensions).map(([name, type]) => ({
      name,
      type,
      multiValueHandling: 'ARRAY',
    })),
    metrics: metrics.map((spec, i) => parseAggregator(spec, `metrics[${i}]`)),
    rollup: false,
    queryGranularity: NONE_GRANULARITY,
    ...settings,
  };
}

/** For tests: the types of all columns of a schema's input, metrics reading columns of their own. */
export function inputTypes(
  schema: SegmentSchema,
  metricInputs: Record<string, ValueType> = {},
): Record<string, ValueType> {
  const dimensions = schema.dimensions.map(({ name, type }) => [name, type] as const);
  return { __time: 'LONG', ...Object.fromEntries(dimensions), ...metricInputs };
}

/** For tests: every cell of a segment, row by row, in the order of its columns. */
export function cellsOf(segment: Segment): Value[][] {
  const cursor = segment.cursor();
  const readers = segment.columns.map(({ name }) => cursor.column(name));
  return Array.from({ length: segment.rowCount }, (_, row) => {
    cursor.row = row;
    return readers.map((reader) => reader.get());
  });
}

/** For tests: a pool large enough for anything a test does. */
export const testPool = (): ArenaPool => new ArenaPool({ arenaBytes: 8 << 20, maxBytes: 1 << 30 });

/** For fuzzing: `segments/fuzz/`. */
export { withChangedBlock, withOtherBlock, withOtherDirectory } from './fuzz/anatomy-testing.js';
export { FUZZ_SECONDS, seeds } from './fuzz/budget-testing.js';
export { put } from './fuzz/read-all-testing.js';
