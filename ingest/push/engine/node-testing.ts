import {
  ArenaPool,
  type Disk,
  invariant,
  ManualClock,
  type Random,
  SeededRandom,
  silentLogger,
} from '../../../core/index.js';
import { attachSegment, openSegment, type Segment } from '../../../segments/index.js';
import { DiskCatalog } from '../catalog-testing.js';
import { type CopyLink, NO_COPIES } from '../copies/types.js';
import { runSealJob } from '../live/run-seal-job.js';
import type { LivePart, LiveTable, LiveUpdate } from '../types.js';
import type { PushLimits } from './engine-options.js';
import { PushEngine } from './push-engine.js';

const MIB = 2 ** 20;

/** For tests: files of the log that are soon full, and room for everything else. */
export const ROOMY_LIMITS: PushLimits = {
  queueBytes: 64 * MIB,
  memoryBytes: 64 * MIB,
  logBytes: 64 * MIB,
  logFileBytes: 1024,
};

/** For tests: whatever is not given has a plain default. */
export interface TestNodeOptions {
  readonly random?: Random;
  readonly clock?: ManualClock;
  readonly limits?: PushLimits;
  readonly catalog?: (disk: Disk) => DiskCatalog;
  readonly copies?: CopyLink;
  readonly logDir?: string;
  /** What sealing waits for. */
  readonly beforeSeal?: () => Promise<void>;
}

const diskCatalog = (disk: Disk): DiskCatalog => new DiskCatalog(disk, CATALOG_PATH);

/** For tests: the file of the catalogue. */
export const CATALOG_PATH = '/data/metadata';

/** For tests: the log of a node that began it. */
export const LOG_DIR = '/data/push';

/** What is read is in memory for the length of a call only. */
const POOL = new ArenaPool({ arenaBytes: MIB, maxBytes: 256 * MIB });

/** For tests: an engine in this thread, with its catalogue and its log on one disk, and what a reader sees of it. */
export class TestNode {
  readonly #live = new Map<string, LiveTable>();
  engine!: PushEngine;

  private constructor(
    readonly disk: Disk,
    readonly catalog: DiskCatalog,
    readonly clock: ManualClock,
  ) {}

  /** Starts, or starts again, on what the disk holds. */
  static async open(disk: Disk, options: TestNodeOptions = {}): Promise<TestNode> {
    const { random = new SeededRandom(1), limits = ROOMY_LIMITS } = options;
    const { clock = new ManualClock(Date.UTC(2024, 0, 1)) } = options;
    const catalog = (options.catalog ?? diskCatalog)(disk);
    const node = new TestNode(disk, catalog, clock);
    disk.makeDirectory('/data');
    node.engine = await PushEngine.open({
      disk,
      clock,
      random,
      logger: silentLogger,
      catalog,
      seal: async (job) => {
        await options.beforeSeal?.();
        return runSealJob(disk, job, 64 * MIB);
      },
      logDir: options.logDir ?? LOG_DIR,
      piecesDir: '/data/pieces',
      segmentsDir: '/data/segments',
      limits,
      arenas: { arenaBytes: MIB, maxBytes: 256 * MIB },
      copies: options.copies ?? NO_COPIES,
      chunkIntervals: async (dataSource) =>
        catalog.published(dataSource).map(({ interval }) => interval),
      announce: (live) => node.#announce(live),
    });
    return node;
  }

  /** Calls `read` with every segment that a query of now reads of a data source. */
  async read(dataSource: string, read: (segment: Segment) => void): Promise<void> {
    const positions = new Map(
      (await this.catalog.tables()).map(({ name, position }) => [name, position]),
    );
    for (const { sealed } of this.catalog.published(dataSource)) this.#readFile(sealed.path, read);
    for (const { table, generations } of this.#live.values()) {
      for (const { to, parts } of generations) {
        if (to <= (positions.get(table) ?? 0)) continue;
        for (const part of parts) if (part.dataSource === dataSource) this.#readPart(part, read);
      }
    }
  }

  /** The values of a column in every row of a data source, as a query of now sees them. */
  async values(dataSource: string, column: string): Promise<unknown[]> {
    const values: unknown[] = [];
    await this.read(dataSource, (segment) => {
      const cursor = segment.cursor();
      const reader = cursor.column(column);
      for (let row = 0; row < segment.rowCount; row++) {
        cursor.row = row;
        values.push(reader.get());
      }
    });
    return values;
  }

  #readPart({ source, rowCount }: LivePart, read: (segment: Segment) => void): void {
    if (source.kind === 'piece') this.#readFile(source.sealed.path, read);
    else {
      const segment = attachSegment(source.handle);
      invariant(segment.rowCount === rowCount, 'a part has the rows that it was announced with');
      read(segment);
    }
  }

  #readFile(path: string, read: (segment: Segment) => void): void {
    const segment = openSegment(this.disk, path, POOL);
    read(segment);
    segment.close();
  }

  /** Nobody holds anything for longer than a call: what is replaced is released at once. */
  #announce({ tables }: LiveUpdate): void {
    const before = tables.flatMap(({ table }) => partsOf(this.#live.get(table)));
    for (const live of tables) this.#live.set(live.table, live);
    const after = new Map(tables.flatMap(partsOf).map((part) => [part.id, part]));
    // The engine may still be on its way, as it is while it recovers.
    queueMicrotask(() => {
      for (const { id } of before) {
        this.engine?.released({ id, lowestLayout: after.get(id)?.layout ?? null });
      }
    });
  }
}

const partsOf = (live: LiveTable | undefined): readonly LivePart[] =>
  (live?.generations ?? []).flatMap(({ parts }) => parts);
