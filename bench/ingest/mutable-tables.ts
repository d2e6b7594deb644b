import { ArenaPool, createLogger, systemClock, VirtualDisk } from '../../core/index.js';
import {
  DEFAULT_LIMITS,
  QueryEngine,
  SqlEngine,
  type TableProvider,
  type WorkerExecutor,
} from '../../query/index.js';
import {
  type MutableSnapshot,
  openSegment,
  type Segment,
  type SegmentHandle,
  type SegmentSchema,
  sealSegments,
} from '../../segments/index.js';

const ARENA_BYTES = 512 * 2 ** 20;
const SCRATCH_BYTES = 256 * 2 ** 20;

/** Room beside which kernels can run. */
export const benchPool = (): ArenaPool =>
  new ArenaPool({ arenaBytes: ARENA_BYTES, maxBytes: 4 * 2 ** 30, scratchBytes: SCRATCH_BYTES });

/** A segment as queries get it. */
export type BenchSegment = Segment & { readonly handle: SegmentHandle };

/** The rows of a snapshot, sealed into a file and brought into memory. */
export function sealedCopy(
  snapshot: MutableSnapshot,
  schema: SegmentSchema,
  pool: ArenaPool,
): BenchSegment {
  const disk = new VirtualDisk();
  const options = { maxRowsPerSegment: snapshot.rowCount };
  const [sealed] = sealSegments(disk, '/bench', String, [snapshot], schema, options);
  return openSegment(disk, sealed!.path, pool);
}

/** One table of one segment, which may be another one for every query. */
export class OneTable implements TableProvider {
  constructor(
    readonly name: string,
    public segment: BenchSegment,
  ) {}

  snapshot(): ReturnType<TableProvider['snapshot']> {
    const { name, segment } = this;
    const interval = { startMs: segment.minTimeMs!, endMs: segment.maxTimeMs! + 1 };
    const part = {
      id: { dataSource: name, interval, version: 'v', partitionNum: 0 },
      interval,
      minTimeMs: segment.minTimeMs!,
      maxTimeMs: segment.maxTimeMs!,
      facts: null,
      rowCount: segment.rowCount,
      pin: async () => ({ handle: segment.handle, release: () => undefined }),
    };
    return {
      parts: () => [part],
      schema: () => ({ columns: segment.columns }),
      release: () => undefined,
    };
  }

  async waitFor(): Promise<void> {
    // All rows are there.
  }
}

/** Asks a table SQL, as a node would. */
export function engineOver(table: OneTable, executor: WorkerExecutor) {
  const engine = new QueryEngine({
    tables: table,
    executor,
    clock: systemClock,
    limits: {
      ...DEFAULT_LIMITS,
      maxGroups: 50_000_000,
      maxResultRows: 50_000_000,
      maxSubqueryRows: 50_000_000,
    },
    logger: LOGGER,
  });
  const catalog = {
    tables: () => [table.name],
    schema: () => ({ columns: table.segment.columns }),
  };
  const system = { rows: () => [] };
  return { engine, sql: new SqlEngine({ engine, catalog, system, clock: systemClock }) };
}

const LOGGER = createLogger({ level: 'error' });
