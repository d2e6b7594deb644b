import { type Disk, type Logger, VarveError } from '../../core/index.js';
import type { Publisher, PublishRequest, VisibleSegment } from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import type { TableProvider, TableSchema, TableSnapshot } from '../../query/index.js';
import type { SegmentCache, SegmentId } from '../../segments/index.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { type ServedSegment, serveSegment } from './served-segment.js';
import { ServedTable } from './served-table.js';

export interface InventoryOptions {
  readonly store: MetadataStore;
  readonly cache: SegmentCache;
  readonly disk: Disk;
  readonly logger: Logger;
  /** Paths in the metadata are relative to this directory, so that it can be moved as a whole. */
  readonly dataDir: string;
}

/**
 * The segments that this process serves, kept in step with the metadata. A query takes its snapshot
 * once, from immutable tables: a publish replaces a table as a whole, so that no query sees half of it.
 */
export class SegmentInventory implements TableProvider, Publisher {
  #tables: ReadonlyMap<string, ServedTable> = new Map();

  private constructor(private readonly options: InventoryOptions) {}

  static async open(options: InventoryOptions): Promise<SegmentInventory> {
    const inventory = new SegmentInventory(options);
    const byTable = new Map<string, StoredSegment[]>();
    for (const stored of await options.store.segments.used()) {
      const list = byTable.get(stored.id.dataSource) ?? [];
      byTable.set(stored.id.dataSource, list);
      list.push(stored);
    }
    inventory.#tables = new Map(
      [...byTable].map(([name, segments]) => [name, inventory.#serve(segments, undefined)]),
    );
    return inventory;
  }

  tables(): string[] {
    return [...this.#tables.keys()].sort();
  }

  snapshot(dataSource: string, intervals: readonly Interval[]): TableSnapshot {
    return { parts: this.#tables.get(dataSource)?.parts(intervals) ?? [] };
  }

  schema(dataSource: string): TableSchema | null {
    return this.#tables.get(dataSource)?.schema ?? null;
  }

  chunkIntervals(dataSource: string): readonly Interval[] {
    return this.#tables.get(dataSource)?.chunkIntervals() ?? [];
  }

  visibleSegments(dataSource: string, interval: Interval): readonly VisibleSegment[] {
    return this.#tables.get(dataSource)?.visible(interval) ?? [];
  }

  /** The served segments of a table; of all tables when none is named. */
  segments(dataSource?: string): readonly ServedSegment[] {
    const tables =
      dataSource === undefined ? this.#tables.values() : [this.#tables.get(dataSource)];
    return [...tables].flatMap((table) => table?.segments ?? []);
  }

  async publish(request: PublishRequest): Promise<readonly SegmentId[]> {
    const segments = request.segments.map(({ interval, sealed }) => ({
      interval,
      sealed: { ...sealed, path: this.#relative(sealed.path) },
    }));
    const ids = await this.options.store.segments.publish({ ...request, segments });
    await this.#refresh(request.dataSource);
    return ids;
  }

  hasPublished(taskId: string): Promise<boolean> {
    return this.options.store.segments.hasPublished(taskId);
  }

  /** Takes segments of a table out of sight: all, or those inside an interval. Gives how many. */
  async markUnused(dataSource: string, interval?: Interval): Promise<number> {
    const changed = await this.options.store.segments.markUnused(dataSource, interval);
    await this.#refresh(dataSource);
    return changed;
  }

  async #refresh(dataSource: string): Promise<void> {
    const stored = await this.options.store.segments.used(dataSource);
    const tables = new Map(this.#tables);
    if (stored.length === 0) tables.delete(dataSource);
    else tables.set(dataSource, this.#serve(stored, this.#tables.get(dataSource)));
    this.#tables = tables;
  }

  #serve(stored: readonly StoredSegment[], before: ServedTable | undefined): ServedTable {
    const known = new Map(before?.segments.map((segment) => [segment.stored.idText, segment]));
    return new ServedTable(
      stored.map((segment) => known.get(segment.idText) ?? this.#open(segment)),
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

  #relative(path: string): string {
    const prefix = `${this.options.dataDir}/`;
    return path.startsWith(prefix) ? path.slice(prefix.length) : path;
  }
}
