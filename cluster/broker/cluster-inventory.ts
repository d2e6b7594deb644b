import type {
  ChunkInterval,
  KillOrder,
  Publisher,
  PublishRequest,
  SegmentRemover,
  TableReader,
} from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import type { TableSchema } from '../../query/index.js';
import { type SegmentDirectory, type SegmentId, segmentIdText } from '../../segments/index.js';
import { LIVE_VERSION, type LiveSegment } from '../inventory/live-part.js';
import type { TableInventory } from '../inventory/table-inventory.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import { type SegmentSelection, segmentsIn } from '../metadata/segment-selection.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import type { BrokerTables } from './broker-tables.js';

export interface ClusterInventoryOptions {
  readonly tables: BrokerTables;
  /** Of who leads, as long as this process does. */
  readonly store: () => Pick<MetadataStore, 'segments'>;
  readonly declaredStarTrees: Publisher['declaredStarTrees'];
  /** What the file of a segment says of itself. */
  readonly directory: (segment: StoredSegment, signal: AbortSignal) => Promise<SegmentDirectory>;
}

/** The tables of a cluster, as brokers and the coordinator know them. Changes go to the metadata; what comes of them is read from there. */
export class ClusterInventory implements TableInventory, Publisher, SegmentRemover {
  readonly #tables: BrokerTables;
  /** Objects that nobody names any more are removed after a grace time, whoever read them. */
  readonly waitingFiles = 0;

  constructor(private readonly options: ClusterInventoryOptions) {
    this.#tables = options.tables;
  }

  tables(): string[] {
    return this.#tables.tables();
  }

  schema(dataSource: string): TableSchema | null {
    return this.#tables.schema(dataSource);
  }

  dataSources(): string[] {
    return this.#tables.views().flatMap(({ served, dataSource }) => (served ? dataSource : []));
  }

  placed(dataSource: string): readonly StoredSegment[] {
    const { segments = [], tombstones = [] } = this.#tables.view(dataSource)?.served ?? {};
    return [...segments.map(({ stored }) => stored), ...tombstones];
  }

  /** Whoever cannot read a segment fetches it again. */
  unreadable(): readonly StoredSegment[] {
    return [];
  }

  liveSegments(): readonly LiveSegment[] {
    return this.#tables.views().flatMap(({ dataSource, nodes }) =>
      nodes.flatMap(({ node, parts }) =>
        (parts ?? []).map(({ id: partitionNum, minTimeMs, maxTimeMs, ...part }) => {
          const interval = { startMs: minTimeMs, endMs: maxTimeMs + 1 };
          const id = { dataSource, interval, version: `${LIVE_VERSION} ${node}`, partitionNum };
          return { ...part, id, idText: segmentIdText(id) };
        }),
      ),
    );
  }

  markUnused(dataSource: string, selection: SegmentSelection): Promise<number> {
    return this.#change(this.options.store().segments.drop(dataSource, selection));
  }

  markUsed(dataSource: string, selection: SegmentSelection): Promise<number> {
    return this.#change(this.options.store().segments.restore(dataSource, selection));
  }

  chunkIntervals(dataSource: string): readonly ChunkInterval[] {
    return this.#tables.view(dataSource)?.served?.chunkIntervals() ?? [];
  }

  declaredStarTrees(dataSource: string): ReturnType<Publisher['declaredStarTrees']> {
    return this.options.declaredStarTrees(dataSource);
  }

  /** What whoever reads has to fetch. Nothing holds it here: see `waitingFiles`. */
  async read(): Promise<TableReader> {
    // Whoever was told of a publication by another node finds it.
    await this.#tables.refresh();
    const { directory } = this.options;
    return {
      visibleSegments: (dataSource, interval) =>
        this.#tables.view(dataSource)?.served?.visible(interval, ({ stored }, visible) => ({
          id: stored.id,
          interval: visible,
          path: '',
          stored,
          directory: (signal) => directory(stored, signal),
        })) ?? [],
      release: () => undefined,
    };
  }

  publish(request: PublishRequest): Promise<readonly SegmentId[]> {
    return this.#change(this.options.store().segments.publish(request));
  }

  hasPublished(taskId: string): Promise<boolean> {
    return this.options.store().segments.hasPublished(taskId);
  }

  drop(dataSource: string, interval: Interval): Promise<number> {
    return this.markUnused(dataSource, segmentsIn(interval));
  }

  async kill(dataSource: string, order: KillOrder): Promise<number> {
    const { count } = await this.#change(this.options.store().segments.kill(dataSource, order));
    return count;
  }

  /** Nobody names the objects, so that they go with the others. */
  discard(): void {}

  /** Shows a change before it is told of, also one that failed, maybe only in the answer. */
  async #change<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } finally {
      await this.#tables.refresh();
    }
  }
}
