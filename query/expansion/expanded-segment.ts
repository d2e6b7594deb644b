import { type ColumnReader, NULL_READER, type Value, type ValueType } from '../../model/index.js';
import type { ColumnDescription, Segment, SegmentCursor } from '../../segments/index.js';

/** Rows that rows of a segment became, in their order. */
export interface ExpandedRows {
  /** By row: the one that it came of. */
  readonly rows: Uint32Array;
  readonly added: AddedColumns;
}

/** Columns that the rows of the segment do not have, or that hide those. */
export interface AddedColumns {
  readonly columns: readonly ColumnDescription[];
  /** Whether a column of this name, be there one or not, is to be looked for here. */
  has(name: string): boolean;
  /** `row` gives the current one, of those that came out. */
  reader(name: string, row: () => number): ColumnReader;
}

/** Of a step that adds none. */
export const NO_COLUMNS: AddedColumns = {
  columns: [],
  has: () => false,
  reader: () => NULL_READER,
};

/** Lets the engines read them as a segment. It lies nowhere, so that nothing is compiled over it. */
export function expandedSegment(base: Segment, expanded: ExpandedRows): Segment {
  const { rows, added } = expanded;
  return {
    rowCount: rows.length,
    minTimeMs: base.minTimeMs,
    maxTimeMs: base.maxTimeMs,
    sortedByTime: base.sortedByTime,
    isTransient: true,
    lineage: null,
    columns: [...base.columns.filter(({ name }) => !added.has(name)), ...added.columns],
    aggregators: base.aggregators,
    rollup: base.rollup,
    queryGranularity: base.queryGranularity,
    scanMemory: null,
    scanColumn: () => null,
    index: () => null,
    cursor: () => cursorOf(base.cursor(), expanded),
    describe: (name) =>
      added.has(name)
        ? (added.columns.find((column) => column.name === name) ?? null)
        : base.describe(name),
  };
}

/** What is known of an added column. */
export const described = ({
  name,
  type,
  multiValue,
}: Pick<ColumnDescription, 'name' | 'type' | 'multiValue'>): ColumnDescription => ({
  name,
  type,
  multiValue,
  role: 'dimension',
  stats: { cardinality: null, min: null, max: null, hasNulls: true, sizeBytes: 0 },
});

/** Reads a column by the places of its values. */
export const valuesReader = (
  type: ValueType,
  multiValue: boolean,
  values: readonly Value[],
  ordinal: () => number,
): ColumnReader => ({
  type,
  multiValue,
  exists: true,
  get: () => values[ordinal()]!,
  dictionary: { size: values.length, value: (id) => values[id]!, id: ordinal },
});

function cursorOf(base: SegmentCursor, { rows, added }: ExpandedRows): SegmentCursor {
  let row = 0;
  const current = () => row;
  return {
    rowCount: rows.length,
    get row() {
      return row;
    },
    set row(next) {
      row = next;
      base.row = rows[next]!;
    },
    timeMs: () => base.timeMs(),
    column: (name) => (added.has(name) ? added.reader(name, current) : base.column(name)),
  };
}
