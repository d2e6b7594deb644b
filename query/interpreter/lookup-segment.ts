import { type ColumnReader, type LookupTable, NULL_READER } from '../../model/index.js';
import type { ColumnDescription, Segment, SegmentCursor } from '../../segments/index.js';
import type { ResultField } from '../result.js';

/** The columns of a lookup. */
export const LOOKUP_FIELDS: readonly ResultField[] = [
  { name: 'k', type: 'STRING' },
  { name: 'v', type: 'STRING' },
];

const COLUMNS = LOOKUP_FIELDS.map(
  (field): ColumnDescription => ({
    ...field,
    multiValue: false,
    role: 'dimension',
    stats: { cardinality: null, min: null, max: null, hasNulls: false, sizeBytes: 0 },
  }),
);

/** Lets the engines read the pairs of a lookup as rows, where they lie. Like other rows without a time they are at the epoch. */
export function lookupSegment(table: LookupTable): Segment {
  const timeMs = table.size === 0 ? null : 0;
  return {
    rowCount: table.size,
    minTimeMs: timeMs,
    maxTimeMs: timeMs,
    isTransient: false,
    lineage: null,
    sortedByTime: true,
    columns: COLUMNS,
    describe: (name) => COLUMNS.find((column) => column.name === name) ?? null,
    aggregators: {},
    rollup: false,
    queryGranularity: null,
    cursor: () => lookupCursor(table),
    scanMemory: null,
    scanColumn: () => null,
    index: () => null,
  };
}

function lookupCursor(table: LookupTable): SegmentCursor {
  const reader = (get: () => string): ColumnReader => {
    return { type: 'STRING', multiValue: false, exists: true, get };
  };
  const cursor: SegmentCursor = {
    row: 0,
    rowCount: table.size,
    timeMs: () => 0,
    column(name) {
      if (name === 'k') return reader(() => table.key(cursor.row));
      return name === 'v' ? reader(() => table.value(cursor.row)) : NULL_READER;
    },
  };
  return cursor;
}
