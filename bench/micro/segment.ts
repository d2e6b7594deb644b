import { ArenaPool, VirtualDisk } from '../../core/index.js';
import {
  type ColumnReader,
  NONE_GRANULARITY,
  NULL_READER,
  type RowCursor,
  type Value,
} from '../../model/index.js';
import {
  type DimensionSchema,
  MutableSegment,
  openSegment,
  type Segment,
  sealSegments,
} from '../../segments/index.js';

export const ROW_COUNT = 1 << 19;

/** A number in [0, 2^32) for each row of a column, always the same. */
function randomAt(column: number, row: number): number {
  let hash = Math.imul(column + 1, 0x9e3779b1) ^ Math.imul(row + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39);
  return (hash ^ (hash >>> 16)) >>> 0;
}

interface Column {
  readonly type: DimensionSchema['type'];
  readonly at: (row: number) => Value;
}

const long = (at: (row: number) => number | null): Column => ({ type: 'LONG', at });
const text = (at: (row: number) => string): Column => ({ type: 'STRING', at });

/** Columns by what the kernels make a difference between. */
export const COLUMNS = {
  u8: long((row) => randomAt(0, row) % 200),
  u16: long((row) => randomAt(1, row) % 60_000),
  u32: long((row) => randomAt(2, row) % 3_000_000_000),
  i64: long((row) => randomAt(3, row) * 1000),
  nulls: long((row) => (randomAt(4, row) % 4 === 0 ? null : randomAt(5, row) % 200)),
  double: { type: 'DOUBLE', at: (row) => randomAt(6, row) / 8 },
  /** Numbers of which there are many, but not one for each row. */
  many: long((row) => (randomAt(7, row) % 100_000) * 1e6),
  few: text((row) => `channel ${randomAt(8, row) % 50}`),
  texts: text((row) => `https://example.org/page/${randomAt(9, row) % 50_000}.html`),
} as const satisfies Readonly<Record<string, Column>>;
export type ColumnName = keyof typeof COLUMNS;

/** What a column holds, by row. */
export const valuesOf = (name: ColumnName): readonly Value[] =>
  Array.from({ length: ROW_COUNT }, (_, row) => COLUMNS[name].at(row));

const SCRATCH_BYTES = 64 << 20;

/** A sealed segment of these columns in shared memory. Rows keep their order. */
export function benchSegment(): Segment {
  const pool = new ArenaPool({
    arenaBytes: 64 << 20,
    maxBytes: 1 << 30,
    scratchBytes: SCRATCH_BYTES,
  });
  const schema = {
    dataSource: 't',
    dimensions: Object.entries(COLUMNS).map(([name, { type }]) => ({
      name,
      type,
      multiValueHandling: 'ARRAY' as const,
    })),
    metrics: [],
    rollup: false,
    queryGranularity: NONE_GRANULARITY,
  };
  const open = new MutableSegment(schema, pool);
  open.append(cursor());
  const disk = new VirtualDisk();
  const options = { maxRowsPerSegment: ROW_COUNT };
  const [sealed] = sealSegments(disk, '/bench', String, [open.snapshot()], schema, options);
  open.close();
  const { path } = sealed!;
  return openSegment(disk, path, pool);
}

/** The rows as ingestion gives them, one a millisecond. */
function cursor(): RowCursor {
  const columns: Readonly<Record<string, Column>> = { ...COLUMNS, __time: long((row) => row) };
  const rows: RowCursor = {
    row: 0,
    rowCount: ROW_COUNT,
    column(name): ColumnReader {
      const column = columns[name];
      if (column === undefined) return NULL_READER;
      const { type, at } = column;
      return { type, multiValue: false, exists: true, get: () => at(rows.row) };
    },
  };
  return rows;
}
