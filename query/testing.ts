import {
  ArenaPool,
  type ArenaRange,
  type Disk,
  ManualClock,
  RealDisk,
  silentLogger,
  VirtualDisk,
} from '../core/index.js';
import {
  type ColumnReader,
  ETERNITY,
  type Interval,
  NONE_GRANULARITY,
  NULL_READER,
  parseAggregator,
  type RowCursor,
  type Value,
  type ValueType,
} from '../model/index.js';
import {
  columnFacts,
  type DimensionSchema,
  MutableSegment,
  type Partitioning,
  type PinnedSegment,
  partsOf,
  performLoad,
  readSegmentDirectory,
  rowColumns,
  type SealedChunk,
  type SegmentHandle,
  type SegmentId,
  type SegmentSchema,
  type ShardSpec,
  sealChunks,
  shardSpecOf,
  type TreeDefinition,
  type WantedParts,
} from '../segments/index.js';
import type { QueryCaches } from './cache/query-caches.js';
import type { ColumnSchema } from './engines/engine.js';
import type { Executor } from './executor/executor.js';
import { InlineExecutor } from './executor/inline-executor.js';
import { DEFAULT_LIMITS, type QueryLimits } from './limits.js';
import { type MergedColumn, mergedColumns } from './merged-columns.js';
import { QueryEngine } from './query-engine.js';
import { SharedTables } from './shares/shares-testing.js';
import type { SpillSpace } from './spill/spill-space.js';
import type { PartFacts, TablePart, TableProvider, TableSchema, TableSnapshot } from './tables.js';

/** For tests: one row, by column; `__time` in milliseconds. */
export type TestRow = Readonly<Record<string, Value>> & { readonly __time: number };

export interface TestTable {
  readonly dimensions: Readonly<Record<string, DimensionSchema['type']>>;
  /** Metrics as JSON; each reads columns of the rows. */
  readonly metrics?: readonly Record<string, unknown>[];
  readonly rollup?: boolean;
  /** By dimension: the kinds of indexes that it has beside the usual ones. */
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
  readonly starTrees?: readonly TreeDefinition[];
}

/** For tests: how one segment is filled and what of it counts. */
export interface TestPart {
  readonly rows: readonly TestRow[];
  /** Default: all time. */
  readonly interval?: Interval;
  /** Default: the interval. */
  readonly clip?: Interval;
}

const pool = new ArenaPool({ arenaBytes: 4 << 20, maxBytes: 1 << 30, scratchBytes: 4 << 20 });

/** Of published segments, so that no two are the same. */
let contents = 0;

/** For tests: the schema of segments of a table. */
export function testSchema(table: TestTable): SegmentSchema {
  return {
    dataSource: 't',
    dimensions: Object.entries(table.dimensions).map(([name, type]) => ({
      name,
      type,
      multiValueHandling: 'ARRAY',
      indexes: { bitmap: true, kinds: table.indexes?.[name] ?? [] },
    })),
    metrics: (table.metrics ?? []).map((spec, i) => parseAggregator(spec, `metrics[${i}]`)),
    rollup: table.rollup ?? false,
    queryGranularity: NONE_GRANULARITY,
    starTrees: table.starTrees ?? [],
  };
}

/** For tests: rows as ingestion gives them; metric inputs are DOUBLE, or LONG where all are integers. */
function testCursor(table: TestTable, rows: readonly TestRow[]): RowCursor {
  const typeOf = (name: string): ValueType | null => {
    if (name === '__time') return 'LONG';
    const dimension = table.dimensions[name];
    if (dimension !== undefined) return dimension;
    const values = rows.map((row) => row[name] ?? null).filter((value) => value !== null);
    if (values.length === 0) return null;
    if (values.some((value) => typeof value === 'string')) return 'STRING';
    return values.every((v) => typeof v === 'bigint' || Number.isInteger(v)) ? 'LONG' : 'DOUBLE';
  };
  const cursor: RowCursor = {
    row: 0,
    rowCount: rows.length,
    column(name): ColumnReader {
      const type = typeOf(name);
      if (type === null) return NULL_READER;
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

/** For tests: tables in memory that count how many pins and snapshots are held. */
export class TestTables implements TableProvider {
  pinsHeld = 0;
  snapshotsHeld = 0;
  readonly #parts = new Map<string, TablePart[]>();
  readonly #columns = new Map<string, readonly MergedColumn[]>();
  readonly #segments: MutableSegment[] = [];
  readonly #ranges: ArenaRange[] = [];

  /** Gives the memory of the segments back. */
  close(): void {
    for (const segment of this.#segments) segment.close();
    for (const range of this.#ranges) pool.free(range);
  }

  snapshot(dataSources: readonly string[]): TableSnapshot {
    this.snapshotsHeld++;
    const has = (name: string) => dataSources.includes(name);
    return {
      parts: (name) => (has(name) ? (this.#parts.get(name) ?? []) : []),
      schema: (name) => (has(name) ? this.schema(name) : null),
      release: () => void this.snapshotsHeld--,
    };
  }

  async waitFor(): Promise<void> {}

  schema(dataSource: string): TableSchema | null {
    const columns = this.#columns.get(dataSource);
    return columns === undefined ? null : { columns };
  }

  /** Adds a table of mutable segments, one per part. */
  add(dataSource: string, table: TestTable, parts: readonly TestPart[]): this {
    for (const part of parts) {
      const segment = new MutableSegment(testSchema(table), pool);
      this.#segments.push(segment);
      segment.append(testCursor(table, part.rows));
      this.addSegment(dataSource, segment.snapshot(), part);
    }
    return this;
  }

  /** Adds a table of sealed files; see `sealFiles`. */
  addSealed(
    dataSource: string,
    table: TestTable,
    parts: readonly TestPart[],
    maxRowsPerSegment: number,
    partitioning?: Partitioning,
  ): this {
    const disk = new VirtualDisk();
    const sealed = sealFiles(disk, table, parts, maxRowsPerSegment, partitioning);
    for (const [i, { bucket, sealed: file }] of sealed.entries()) {
      this.addFile(dataSource, disk, file.path, shardSpecOf(bucket, i, sealed.length));
    }
    return this;
  }

  /** Adds a sealed file, of which the rows in `clip` count. */
  addFile(
    dataSource: string,
    disk: Disk,
    path: string,
    shardSpec: ShardSpec,
    clip: Interval = ETERNITY,
  ): void {
    const file = loadFile(disk, path);
    this.#ranges.push(file.range);
    const facts = { shardSpec, ...columnFacts(file.directory) };
    this.addSegment(dataSource, file, { clip, facts });
  }

  addSegment(
    dataSource: string,
    segment: {
      /** What may be read when these parts are pinned. */
      readonly handle: SegmentHandle | ((wanted: WantedParts) => SegmentHandle);
      readonly rowCount: number;
      readonly minTimeMs: number | null;
      readonly maxTimeMs: number | null;
      readonly columns: readonly ColumnSchema[];
    },
    {
      interval = ETERNITY,
      clip = interval,
      facts = null,
    }: Pick<TestPart, 'interval' | 'clip'> & { readonly facts?: PartFacts | null },
  ): this {
    const parts = this.#parts.get(dataSource) ?? [];
    const id: SegmentId = { dataSource, interval, version: 'v1', partitionNum: parts.length };
    const pin = (wanted: WantedParts): PinnedSegment => {
      this.pinsHeld++;
      const { handle } = segment;
      return {
        handle: typeof handle === 'function' ? handle(wanted) : handle,
        release: () => void this.pinsHeld--,
      };
    };
    parts.push({
      id,
      interval: clip,
      minTimeMs: segment.minTimeMs ?? 0,
      maxTimeMs: segment.maxTimeMs ?? 0,
      rowCount: segment.rowCount,
      facts,
      // Files are published.
      ...(facts !== null && { contentId: `content-${contents++}` }),
      pin: async (wanted) => pin(wanted),
      pinLoaded: pin,
    });
    this.#parts.set(dataSource, parts);
    const columns = this.#columns.get(dataSource) ?? [];
    this.#columns.set(dataSource, mergedColumns([segment.columns, columns]));
    return this;
  }
}

/** For tests: files made from one mutable segment per part and merged into one run, or into buckets. */
export function sealFiles(
  disk: Disk,
  table: TestTable,
  parts: readonly TestPart[],
  maxRowsPerSegment: number,
  partitioning?: Partitioning,
): SealedChunk[] {
  const schema = testSchema(table);
  const segments = parts.map((part) => {
    const segment = new MutableSegment(schema, pool);
    segment.append(testCursor(table, part.rows));
    return segment;
  });
  const inputs = segments.map((segment) => segment.snapshot());
  const name = (partition: number) => `part-${partition}`;
  const chunked = { ...schema, chunkOf: () => ({ ...ETERNITY, chunk: ETERNITY }) };
  const sealed = sealChunks(disk, '/sealed', name, inputs, chunked, {
    maxRowsPerSegment,
    ...(partitioning === undefined ? {} : { partitioning }),
  });
  for (const segment of segments) segment.close();
  return sealed;
}

/** The whole file in memory, of which a handle shows only the parts that were asked for. */
function loadFile(disk: Disk, path: string) {
  const directory = readSegmentDirectory(disk, path);
  const { fileSizeBytes } = directory;
  const range = pool.allocate(fileSizeBytes);
  const { memory, scratch } = range.arena;
  const base = range.offset;
  const everything = { columns: 'all', indexes: 'all' } as const;
  const all = [undefined, ...directory.trees.keys()].flatMap((tree) =>
    partsOf(directory, tree === undefined ? everything : { ...everything, tree }),
  );
  const parts = all.map((part) => ({ ...part, base }));
  performLoad(disk, { path, memory, fileSizeBytes, parts });
  const handle = (wanted: WantedParts): SegmentHandle => ({
    kind: 'immutable',
    path,
    memory,
    scratch,
    directory,
    loaded: new Map(partsOf(directory, wanted).map(({ key }) => [key, base])),
  });
  const { rowCount, minTimeMs, maxTimeMs } = directory;
  const columns = rowColumns(directory.columns);
  return { directory, rowCount, minTimeMs, maxTimeMs, columns, handle, range };
}

interface TestEngineOptions {
  readonly executor?: Executor;
  readonly limits?: Partial<QueryLimits>;
  readonly rowsPerJob?: number;
  readonly spillSpace?: SpillSpace;
  readonly leastSpillBytes?: number;
  readonly lateSketchRows?: number;
  readonly fewRecords?: number;
  readonly caches?: QueryCaches;
}

/** In so many processes, as far as an engine can tell, are the parts of all tables; 0: in this one. */
export const SHARES = Number(process.env.VARVE_SHARES ?? 0);

/** For tests: an engine over tables, in this thread unless told otherwise. */
export function testEngine(tables: TableProvider, options: TestEngineOptions = {}): QueryEngine {
  return SHARES === 0 ? engineOver(tables, options) : sharedEngine(tables, options, SHARES);
}

/** For tests: the same over tables whose parts are dealt out to so many processes. */
export function sharedEngine(
  tables: TableProvider,
  options: TestEngineOptions,
  processes: number,
): QueryEngine {
  const others = Array.from({ length: processes }, () => engineOver(tables, options));
  return engineOver(new SharedTables(tables, others), options);
}

function engineOver(tables: TableProvider, options: TestEngineOptions): QueryEngine {
  const {
    rowsPerJob,
    spillSpace,
    leastSpillBytes = 0,
    lateSketchRows,
    fewRecords,
    caches,
  } = options;
  return new QueryEngine({
    tables,
    executor: options.executor ?? new InlineExecutor(new RealDisk()),
    clock: new ManualClock(0),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    logger: silentLogger,
    ...(rowsPerJob !== undefined && { rowsPerJob }),
    ...(spillSpace !== undefined && { spillSpace, leastSpillBytes }),
    ...(lateSketchRows !== undefined && { lateSketchRows }),
    ...(fewRecords !== undefined && { fewRecords }),
    ...(caches !== undefined && { caches }),
  });
}
