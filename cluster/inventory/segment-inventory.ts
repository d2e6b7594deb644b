import { type Disk, invariant, type Logger, VarveError } from '../../core/index.js';
import type {
  ChunkInterval,
  DeclaredColumn,
  HandoffRequest,
  KillOrder,
  LivePart,
  LiveRelease,
  LiveUpdate,
  Publisher,
  PublishRequest,
  PushCatalog,
  SegmentRemover,
  TableReader,
} from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import type { TablePart, TableProvider, TableSchema, TableSnapshot } from '../../query/index.js';
import type { SealedSegment, SegmentCache, SegmentId } from '../../segments/index.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import type { PushLogCatalog } from '../metadata/push-log.js';
import { LOCAL_LOG } from '../metadata/push-log-name.js';
import { type SegmentSelection, segmentsIn } from '../metadata/segment-selection.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { FileLeases } from './file-leases.js';
import { LiveLeases } from './live-leases.js';
import { type LiveSegment, liveSegment } from './live-part.js';
import { LiveTables } from './live-tables.js';
import { LogPosition } from './log-position.js';
import { type ServedSegment, serveSegment } from './served-segment.js';
import { ServedTable } from './served-table.js';
import type { TableInventory } from './table-inventory.js';
import { TableView } from './table-view.js';

export interface InventoryOptions {
  readonly store: MetadataStore;
  readonly cache: SegmentCache;
  readonly disk: Disk;
  readonly logger: Logger;
  /** Paths in the metadata are relative to this directory, so that it can be moved as a whole. */
  readonly dataDir: string;
  /** Told when live parts, or older layouts of them, are read by nobody any more. */
  readonly onUnused?: (unused: readonly LiveRelease[]) => void;
  /** The columns that a data source has whether rows have them or not; null when nobody declared any. */
  readonly declared?: (dataSource: string) => readonly DeclaredColumn[] | null;
  /** The star-trees that a data source is declared with. */
  readonly declaredStarTrees?: Publisher['declaredStarTrees'];
}

/**
 * What queries see: the published segments, kept in step with the metadata, and the rows that push
 * tables have beside them.
 *
 * A snapshot is a few immutable views, taken without a pause in between, and every change swaps all
 * views that it touches without a pause: a handoff its segments for its live parts, in all its data
 * sources at once. So a snapshot has each row exactly once. Changes of the metadata go one after the
 * other; one whose outcome is not known leaves its tables as they were until the next one reads them.
 */
export class SegmentInventory implements TableInventory, TableProvider, Publisher, SegmentRemover {
  /** By data source; those without any rows are not there. */
  readonly #views = new Map<string, TableView>();
  readonly #live = new LiveTables<LivePart>();
  readonly #leases = new LiveLeases();
  readonly #log = new LogPosition();
  readonly #files = new FileLeases((paths) => this.#removeFiles(paths));
  /** Data sources of changes that may be committed but are not shown yet. */
  readonly #stale = new Set<string>();
  #lastChange: Promise<unknown> = Promise.resolve();

  readonly #pushes: PushLogCatalog;

  private constructor(private readonly options: InventoryOptions) {
    this.#pushes = options.store.pushTables.ofLog(LOCAL_LOG);
  }

  static async open(options: InventoryOptions): Promise<SegmentInventory> {
    const inventory = new SegmentInventory(options);
    const byTable = new Map<string, StoredSegment[]>();
    for (const stored of await options.store.segments.used()) {
      const list = byTable.get(stored.id.dataSource) ?? [];
      byTable.set(stored.id.dataSource, list);
      list.push(stored);
    }
    const positions = await inventory.#pushes.positions();
    inventory.#show(inventory.#serve(byTable), positions);
    return inventory;
  }

  /** The data sources that have rows. */
  tables(): string[] {
    return [...this.#views].flatMap(([name, { hasRows }]) => (hasRows ? name : [])).sort();
  }

  snapshot(dataSources: readonly string[]): TableSnapshot {
    const views = new Map<string, TableView>();
    for (const name of dataSources) {
      const view = this.#views.get(name);
      if (view !== undefined) views.set(name, view);
    }
    const live = [...views.values()].flatMap((view) => view.live);
    this.#leases.hold(live);
    const endRead = this.#files.read();
    let isHeld = true;
    // Thousands of parts take milliseconds to list; an ETag and its query ask for the same.
    const known = new WeakMap<readonly Interval[], Map<string, readonly TablePart[]>>();
    return {
      parts: (name, intervals) => {
        invariant(isHeld, 'a snapshot is read before it is released');
        const lists = known.get(intervals) ?? new Map<string, readonly TablePart[]>();
        known.set(intervals, lists);
        const parts = lists.get(name) ?? views.get(name)?.parts(intervals) ?? [];
        lists.set(name, parts);
        return parts;
      },
      schema: (name) => this.#schemaOf(name, views.get(name)),
      release: () => {
        endRead();
        if (isHeld) this.#letGo(live);
        isHeld = false;
      },
    };
  }

  schema(dataSource: string): TableSchema | null {
    return this.#schemaOf(dataSource, this.#views.get(dataSource));
  }

  waitFor(token: string, signal: AbortSignal): Promise<void> {
    return this.#log.waitFor(token, signal);
  }

  chunkIntervals(dataSource: string): readonly ChunkInterval[] {
    return this.#served(dataSource)?.chunkIntervals() ?? [];
  }

  declaredStarTrees(dataSource: string): ReturnType<Publisher['declaredStarTrees']> {
    return this.options.declaredStarTrees?.(dataSource);
  }

  /** See `Publisher`. */
  async read(): Promise<TableReader> {
    const visibleSegments = (dataSource: string, interval: Interval) =>
      this.#served(dataSource)?.visible(interval, (each, visible) => each.visible(visible)) ?? [];
    return { visibleSegments, release: this.#files.read() };
  }

  /** Files that are removed when those who may read them are done. */
  get waitingFiles(): number {
    return this.#files.waitingCount;
  }

  /** The published segments with rows of a table; of all tables when none is named. */
  segments(dataSource?: string): readonly ServedSegment[] {
    return this.#tables(dataSource).flatMap(({ segments }) => segments);
  }

  unreadable(): readonly StoredSegment[] {
    return this.segments().flatMap(({ isReadable, stored }) => (isReadable ? [] : stored));
  }

  /** Where all published segments of a table are in its timeline, tombstones included. */
  placed(dataSource: string): readonly StoredSegment[] {
    const { segments = [], tombstones = [] } = this.#served(dataSource) ?? {};
    return [...segments.map(({ stored }) => stored), ...tombstones];
  }

  /** The tables of which something is published, tombstones included. */
  dataSources(): string[] {
    return [...this.#views].flatMap(([name, { served }]) => (served === null ? [] : name)).sort();
  }

  /** What is not published yet, of all tables. */
  liveSegments(): readonly LiveSegment[] {
    return [...this.#views.values()].flatMap(({ live }) => live.map(liveSegment));
  }

  /** Shows rows that were pushed, all tables of the update in one step. */
  announce({ logId, position, tables }: LiveUpdate): void {
    const before = this.#live.announce(tables);
    const now = tables.flatMap(({ table }) => this.#live.announced(table));
    this.#leases.hold(now);
    this.#compose([...before, ...now].map(({ dataSource }) => dataSource));
    this.#letGo(before);
    this.#log.advance({ logId, position });
  }

  publish(request: PublishRequest): Promise<readonly SegmentId[]> {
    const segments = request.segments.map((segment) => this.#inDataDir(segment));
    return this.#change([request.dataSource], () =>
      this.options.store.segments.publish({ ...request, segments }),
    );
  }

  hasPublished(taskId: string): Promise<boolean> {
    return this.options.store.segments.hasPublished(taskId);
  }

  /** The catalogue of push tables; what is published through it is shown at once. */
  get pushCatalog(): PushCatalog {
    return {
      tables: () => this.#pushes.tables(),
      open: (name, position) => this.#pushes.open(name, position),
      declare: (name, spec, position) => this.#pushes.declare(name, spec, position),
      publish: (request) => this.#publishHandoff(request),
    };
  }

  /** See `SegmentRemover`. */
  drop(dataSource: string, interval: Interval): Promise<number> {
    return this.markUnused(dataSource, segmentsIn(interval));
  }

  /** Takes segments of a table out of sight. Gives how many. */
  markUnused(dataSource: string, selection: SegmentSelection): Promise<number> {
    return this.#change([dataSource], () =>
      this.options.store.segments.drop(dataSource, selection),
    );
  }

  /** Brings segments of a table back into sight, but for those that others hide. Gives how many. */
  markUsed(dataSource: string, selection: SegmentSelection): Promise<number> {
    return this.#change([dataSource], () =>
      this.options.store.segments.restore(dataSource, selection),
    );
  }

  /** See `SegmentRemover`. What a start-up finds of files that are not named any more, it removes. */
  async kill(dataSource: string, order: KillOrder): Promise<number> {
    // As a change: behind it, no new reader can come to see the segments.
    const { count, paths } = await this.#change([dataSource], () =>
      this.options.store.segments.kill(dataSource, order),
    );
    this.#files.giveUp(paths.map((path) => `${this.options.dataDir}/${path}`));
    return count;
  }

  /** See `SegmentRemover`. */
  discard(paths: readonly string[]): void {
    this.#removeFiles(paths);
  }

  async #publishHandoff(request: HandoffRequest): Promise<void> {
    const segments = new Map(
      [...request.segments].map(([name, { chunkIntervals, segments }]) => [
        name,
        { chunkIntervals, segments: segments.map((each) => this.#inDataDir(each)) },
      ]),
    );
    await this.#change(segments.keys(), () => this.#pushes.publish({ ...request, segments }));
  }

  /** Commits a change of these data sources and shows it, when those before it are through. */
  #change<T>(dataSources: Iterable<string>, commit: () => Promise<T>): Promise<T> {
    const change = this.#lastChange.then(async () => {
      for (const name of dataSources) this.#stale.add(name);
      try {
        return await commit();
      } finally {
        // Also after a failure, which may be one of the answer only.
        await this.#refresh();
      }
    });
    this.#lastChange = change.catch(() => undefined);
    return change;
  }

  async #refresh(): Promise<void> {
    const { segments } = this.options.store;
    const stored = new Map<string, StoredSegment[]>();
    for (const name of this.#stale) {
      const { segments: served = [], tombstones = [] } = this.#served(name) ?? {};
      const known = [...served.map((each) => each.stored), ...tombstones];
      const byId = new Map(known.map((each) => [each.idText, each]));
      stored.set(name, await segments.usedSince(name, byId));
    }
    const positions = await this.#pushes.positions();
    this.#show(this.#serve(stored), positions);
    this.#stale.clear();
  }

  /** Swaps what is published of these data sources, together with the positions behind it. */
  #show(
    served: ReadonlyMap<string, ServedTable<ServedSegment> | null>,
    positions: ReadonlyMap<string, number>,
  ): void {
    const moved = this.#live.moveTo(positions);
    const live = moved.flatMap((table) => this.#live.announced(table));
    this.#compose([...served.keys(), ...live.map(({ dataSource }) => dataSource)], served);
  }

  #compose(
    dataSources: Iterable<string>,
    changed: ReadonlyMap<string, ServedTable<ServedSegment> | null> = new Map(),
  ): void {
    for (const name of new Set(dataSources)) {
      const served = changed.has(name) ? changed.get(name)! : this.#served(name);
      const live = this.#live.parts(name);
      if (served === null && live.length === 0) this.#views.delete(name);
      else this.#views.set(name, new TableView(served, live, this.options.cache));
    }
  }

  #letGo(parts: readonly LivePart[]): void {
    const unused = this.#leases.letGo(parts);
    if (unused.length === 0) return;
    const gone = new Set(unused.flatMap((each) => (each.lowestLayout === null ? each.id : [])));
    for (const { id, source } of parts) {
      if (gone.has(id) && source.kind === 'piece') this.options.cache.drop(source.sealed.path);
    }
    this.options.onUnused?.(unused);
  }

  #removeFiles(paths: readonly string[]): void {
    const { disk, cache, logger } = this.options;
    for (const path of paths) {
      cache.drop(path);
      try {
        disk.remove(path);
      } catch (error) {
        logger.warn({ path, err: error }, 'a segment file is left; the next start removes it');
      }
    }
  }

  #tables(dataSource?: string): ServedTable<ServedSegment>[] {
    const names = dataSource === undefined ? [...this.#views.keys()] : [dataSource];
    return names.flatMap((name) => this.#served(name) ?? []);
  }

  #served(dataSource: string): ServedTable<ServedSegment> | null {
    return this.#views.get(dataSource)?.served ?? null;
  }

  #serve(
    stored: ReadonlyMap<string, readonly StoredSegment[]>,
  ): Map<string, ServedTable<ServedSegment> | null> {
    return new Map([...stored].map(([name, list]) => [name, this.#serveTable(name, list)]));
  }

  #serveTable(name: string, stored: readonly StoredSegment[]): ServedTable<ServedSegment> | null {
    if (stored.length === 0) return null;
    const before = this.#served(name)?.segments ?? [];
    const known = new Map(before.map((segment) => [segment.stored.idText, segment]));
    return new ServedTable(
      stored
        .filter(({ isTombstone }) => !isTombstone)
        .map((segment) => known.get(segment.idText) ?? this.#open(segment)),
      stored.filter(({ isTombstone }) => isTombstone),
    );
  }

  #open(stored: StoredSegment): ServedSegment {
    const { disk, cache, logger, dataDir } = this.options;
    const served = serveSegment(disk, cache, stored, `${dataDir}/${stored.sealed.path}`);
    if (served.directory instanceof VarveError) {
      logger.error({ segment: stored.idText, err: served.directory }, 'segment cannot be read');
    }
    return served;
  }

  #schemaOf(name: string, view: TableView | undefined): TableSchema | null {
    return view?.hasRows ? view.schema(this.options.declared?.(name) ?? NO_COLUMNS) : null;
  }

  /** The segment with its path below the data directory. */
  #inDataDir<S extends { readonly sealed: SealedSegment }>(segment: S): S {
    const { sealed } = segment;
    const prefix = `${this.options.dataDir}/`;
    if (!sealed.path.startsWith(prefix)) return segment;
    return { ...segment, sealed: { ...sealed, path: sealed.path.slice(prefix.length) } };
  }
}

const NO_COLUMNS: readonly DeclaredColumn[] = [];
