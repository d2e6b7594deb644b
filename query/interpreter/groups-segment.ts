import {
  type Aggregator,
  type ColumnReader,
  NULL_READER,
  shownState,
  type Value,
} from '../../model/index.js';
import type {
  ColumnDescription,
  ScanColumn,
  Segment,
  SegmentCursor,
} from '../../segments/index.js';
import type { ResultField } from '../result.js';
import type { GroupColumns, Groups } from './groups.js';

/** The groups of an inner query, as an outer one reads them: no row is ever made. */
export interface GroupRows {
  readonly fields: readonly ResultField[];
  readonly rowCount: number;
  readonly segment: Segment;
}

export interface GroupRowsOptions {
  readonly groups: Groups;
  /** `__time`, dimensions, aggregators. */
  readonly fields: readonly ResultField[];
  readonly timeOf: (bucketMs: number) => number;
  readonly aggregations: readonly Aggregator[];
  readonly showsState: (aggregator: Aggregator) => boolean;
}

/**
 * Values of dimensions are behind a dictionary where they have ids, so that what is computed from one is computed
 * once per value.
 */
export function groupRows(options: GroupRowsOptions): GroupRows {
  const { groups, fields } = options;
  const rowCount = groups.groupCount;
  const times = timesOf(options);
  const columns = columnsOf(options);
  const scanned = groups.columns();
  const described = fields.map(describe);
  const segment: Segment = {
    rowCount,
    minTimeMs: rowCount === 0 ? null : times.minMs,
    maxTimeMs: rowCount === 0 ? null : times.maxMs,
    isTransient: true,
    lineage: null,
    sortedByTime: times.isSorted,
    columns: described,
    describe: (name) => described.find((column) => column.name === name) ?? null,
    aggregators: {},
    rollup: false,
    queryGranularity: null,
    scanMemory: scanned?.memory ?? null,
    scanColumn: (name) => scanned && scanColumn(options, scanned, name),
    index: () => null,
    cursor: () => cursorOf(fields, rowCount, times.at, columns),
  };
  return { fields, rowCount, segment };
}

interface Times {
  readonly at: (group: number) => number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly isSorted: boolean;
}

function timesOf({ groups, timeOf }: GroupRowsOptions): Times {
  const { onlyBucket, groupCount } = groups;
  if (onlyBucket !== null) {
    const timeMs = timeOf(onlyBucket);
    return { at: () => timeMs, minMs: timeMs, maxMs: timeMs, isSorted: true };
  }
  const times = Float64Array.from({ length: groupCount }, (_, group) =>
    timeOf(groups.bucket(group)),
  );
  return {
    at: (group) => times[group]!,
    minMs: times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    maxMs: times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    isSorted: times.every((time, i) => i === 0 || times[i - 1]! <= time),
  };
}

function scanColumn(
  { fields, aggregations, showsState }: GroupRowsOptions,
  columns: GroupColumns,
  name: string,
): ScanColumn | null {
  const index = fields.findIndex((field) => field.name === name) - 1;
  const dimensions = fields.length - 1 - aggregations.length;
  if (index < 0) return null;
  if (index < dimensions) return columns.dimension(index);
  const aggregator = aggregations[index - dimensions]!;
  return showsState(aggregator) ? null : columns.aggregator(index - dimensions);
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

function columnsOf({ groups, fields, aggregations, showsState }: GroupRowsOptions): ColumnMaker[] {
  const dimensionCount = fields.length - 1 - aggregations.length;
  const dimensions = Array.from({ length: dimensionCount }, (_, dimension): ColumnMaker => {
    return (cursor) => {
      const ids = groups.ids(dimension);
      const get = () => groups.value(dimension, cursor.row);
      if (ids === null) return { get };
      const { size, value } = ids;
      return { get, dictionary: { size, value, id: () => ids.id(cursor.row) } };
    };
  });
  const metrics = aggregations.map((aggregator, i): ColumnMaker => {
    const shown = (row: number): Value => {
      if (!showsState(aggregator)) return groups.finalised(i, row);
      return shownState(aggregator, groups.state(i, row));
    };
    return (cursor) => ({ get: () => shown(cursor.row) });
  });
  return [...dimensions, ...metrics];
}

function cursorOf(
  fields: readonly ResultField[],
  rowCount: number,
  timeAt: (row: number) => number,
  columns: readonly ColumnMaker[],
): SegmentCursor {
  const cursor: SegmentCursor = {
    row: 0,
    rowCount,
    timeMs: () => timeAt(cursor.row),
    column(name) {
      const index = fields.findIndex((field) => field.name === name);
      if (index < 0) return NULL_READER;
      const shared = { type: fields[index]!.type, multiValue: false, exists: true };
      if (index === 0) return { ...shared, get: () => timeAt(cursor.row) };
      return { ...shared, ...columns[index - 1]!(cursor) };
    },
  };
  return cursor;
}
