import {
  type Aggregator,
  type ColumnReader,
  type DictionaryReader,
  NULL_READER,
  type Value,
} from '../../model/index.js';
import type { ColumnDescription, Segment, SegmentCursor } from '../../segments/index.js';
import type { ResultField } from '../result.js';
import type { GroupTable } from './group-table.js';

/** The groups of an inner query, as an outer one reads them: no row is ever made. */
export interface GroupRows {
  readonly fields: readonly ResultField[];
  readonly rowCount: number;
  readonly segment: Segment;
}

export interface GroupRowsOptions {
  readonly table: GroupTable;
  /** `__time`, dimensions, aggregators. */
  readonly fields: readonly ResultField[];
  readonly timeOf: (bucketMs: number) => number;
  readonly aggregations: readonly Aggregator[];
  readonly showsState: (aggregator: Aggregator) => boolean;
}

/**
 * Values of dimensions are behind a dictionary whose ids are the table's ordinals, so that what is computed
 * from one is computed once per value. They are told now: segments may leave memory before they are read.
 */
export function groupRows(options: GroupRowsOptions): GroupRows {
  const { table, fields, timeOf } = options;
  const times = table.buckets.map(timeOf);
  const columns = columnsOf(options);
  const segment: Segment = {
    rowCount: table.groupCount,
    minTimeMs: times.reduce<number | null>((a, b) => (a === null || b < a ? b : a), null),
    maxTimeMs: times.reduce<number | null>((a, b) => (a === null || b > a ? b : a), null),
    sortedByTime: times.every((time, i) => i === 0 || times[i - 1]! <= time),
    columns: fields.map(describe),
    aggregators: {},
    rollup: false,
    queryGranularity: null,
    scanMemory: null,
    scanColumn: () => null,
    cursor: () => cursorOf(fields, times, columns),
  };
  return { fields, rowCount: table.groupCount, segment };
}

const describe = ({ name, type }: ResultField): ColumnDescription => ({
  name,
  type,
  multiValue: false,
  role: name === '__time' ? 'time' : 'dimension',
  stats: { cardinality: null, min: null, max: null, hasNulls: true, sizeBytes: 0 },
});

/** A reader of the row that a cursor stands on. */
type ColumnMaker = (cursor: { readonly row: number }) => Pick<ColumnReader, 'get' | 'dictionary'>;

function columnsOf(options: GroupRowsOptions): ColumnMaker[] {
  const { table, aggregations, showsState } = options;
  const dimensions = table.ordinals.map((ordinals, dimension): ColumnMaker => {
    const values = table.dimensions[dimension]!;
    const size = ordinals.reduce((most, ordinal) => Math.max(most, ordinal + 1), 0);
    if (values.isCodes) for (const ordinal of ordinals) values.value(ordinal);
    return (cursor) => {
      const dictionary: DictionaryReader = {
        size,
        id: () => ordinals[cursor.row]!,
        value: (ordinal) => values.value(ordinal),
      };
      return { get: () => values.value(ordinals[cursor.row]!), dictionary };
    };
  });
  const metrics = aggregations.map((aggregator, i): ColumnMaker => {
    const states = table.states[i]!;
    const shown = (row: number): Value => {
      const state = states[row]!;
      return showsState(aggregator) ? state : aggregator.finalise(state);
    };
    return (cursor) => ({ get: () => shown(cursor.row) });
  });
  return [...dimensions, ...metrics];
}

function cursorOf(
  fields: readonly ResultField[],
  times: readonly number[],
  columns: readonly ColumnMaker[],
): SegmentCursor {
  const cursor: SegmentCursor = {
    row: 0,
    rowCount: times.length,
    timeMs: () => times[cursor.row]!,
    column(name) {
      const index = fields.findIndex((field) => field.name === name);
      if (index < 0) return NULL_READER;
      const shared = { type: fields[index]!.type, multiValue: false, exists: true };
      if (index === 0) return { ...shared, get: () => times[cursor.row]! };
      return { ...shared, ...columns[index - 1]!(cursor) };
    },
  };
  return cursor;
}
