import { NULL_READER, rowColumn, type Value, type ValueType } from '../../model/index.js';
import type { ColumnDescription, Segment, SegmentCursor } from '../../segments/index.js';

/** Rows that rows of a segment became, in their order. */
export interface ExpandedRows {
  /** By row: the one that it came of. */
  readonly rows: Uint32Array;
  /** By row: which of `values` it has in the new column. */
  readonly ordinals: Uint32Array;
  readonly values: readonly Value[];
  readonly name: string;
  readonly type: ValueType;
}

/** Lets the engines read them as a segment. It lies nowhere, so that nothing is compiled over it. */
export function expandedSegment(base: Segment, expanded: ExpandedRows): Segment {
  const { rows, name } = expanded;
  const own = describe(expanded);
  return {
    rowCount: rows.length,
    minTimeMs: base.minTimeMs,
    maxTimeMs: base.maxTimeMs,
    sortedByTime: base.sortedByTime,
    isTransient: true,
    lineage: null,
    columns: [...base.columns.filter((column) => column.name !== name), own],
    aggregators: base.aggregators,
    rollup: base.rollup,
    queryGranularity: base.queryGranularity,
    scanMemory: null,
    scanColumn: () => null,
    index: () => null,
    cursor: () => cursorOf(base.cursor(), expanded),
    describe(column) {
      if (rowColumn(column) !== name) return base.describe(column);
      return column === name ? own : null;
    },
  };
}

const describe = ({ name, type }: ExpandedRows): ColumnDescription => ({
  name,
  type,
  multiValue: false,
  role: 'dimension',
  stats: { cardinality: null, min: null, max: null, hasNulls: true, sizeBytes: 0 },
});

function cursorOf(base: SegmentCursor, expanded: ExpandedRows): SegmentCursor {
  const { rows, ordinals, values, name, type } = expanded;
  let row = 0;
  const own = {
    type,
    multiValue: false,
    exists: true,
    get: () => values[ordinals[row]!]!,
    dictionary: {
      size: values.length,
      value: (id: number) => values[id]!,
      id: () => ordinals[row]!,
    },
  };
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
    column(column) {
      if (rowColumn(column) !== name) return base.column(column);
      return column === name ? own : NULL_READER;
    },
  };
}
