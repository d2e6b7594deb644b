import type { Disk, Logger } from '../../core/index.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import type { SegmentTransfer } from '../storage/segment-transfer.js';
import { LoadOrders, type OrderState } from './load-orders.js';
import { type HeldSegment, SegmentShelf, type ShelfChange } from './segment-shelf.js';
import type { BudgetOptions } from './shelf-budget.js';
import type { ShelfCounts } from './shelf-counts.js';

export interface HistoricalOptions extends BudgetOptions {
  readonly disk: Disk;
  /** Its files, of nobody else. */
  readonly directory: string;
  readonly transfer: Pick<SegmentTransfer, 'fetch' | 'isWhole'>;
  readonly logger: Logger;
  /** Told of every change of what it serves. */
  readonly onChange: (change: ShelfChange) => void;
  readonly parallelDownloads?: number;
  readonly maxLoading?: number;
}

/** What the coordinator decides by. */
export interface HistoricalState {
  readonly maxBytes: number;
  /** Assigned segments beyond it are refused. */
  readonly maxAssignedBytes: number;
  readonly usedBytes: number;
  readonly assignedBytes: number;
  readonly assignedCount: number;
  readonly coldCount: number;
  /** Segments that are being fetched, for whomever. */
  readonly loadingCount: number;
  /** Of assigned segments, by table. */
  readonly tables: Readonly<Record<string, { readonly count: number; readonly sizeBytes: number }>>;
  readonly orders: readonly OrderState[];
}

/** The part of a historical that has segments: those it was told to have, and those it was asked for. */
export class HistoricalNode {
  readonly #shelf: SegmentShelf;
  readonly #orders: LoadOrders;

  /** What was there is served at once; `onChange` is told of changes alone. */
  constructor(options: HistoricalOptions) {
    const { logger, parallelDownloads = 4, maxLoading = 10_000 } = options;
    this.#shelf = new SegmentShelf({
      ...options,
      parallelDownloads,
      maxLoading,
      onDamage: (segment, kind) => {
        if (kind === 'assigned') this.#orders.load(segment);
      },
    });
    const parallel = 2 * parallelDownloads;
    this.#orders = new LoadOrders({ shelf: this.#shelf, logger, parallel, maxWaiting: 1e5 });
  }

  /** What it serves. */
  segments(): Iterable<{ readonly segment: StoredSegment; readonly isAssigned: boolean }> {
    return this.#shelf.segments();
  }

  /** Null when it is not here. */
  find(idText: string): StoredSegment | null {
    return this.#shelf.find(idText);
  }

  load(segment: StoredSegment): void {
    this.#orders.load(segment);
  }

  drop(idText: string): void {
    this.#orders.drop(idText);
  }

  /** For a query, which may want every published segment: fetched where it is not here, and held until it is released. */
  hold(segment: StoredSegment, signal: AbortSignal): Promise<HeldSegment> {
    return this.#shelf.take(segment, 'cold', signal);
  }

  /** For a query that finds damage in a file. */
  reportDamage(idText: string): void {
    this.#shelf.setAside(idText);
  }

  /** What it has done since the process began. */
  get counts(): ShelfCounts {
    return this.#shelf.counts;
  }

  get state(): HistoricalState {
    const tables: Record<string, { count: number; sizeBytes: number }> = Object.create(null);
    let assignedCount = 0;
    let coldCount = 0;
    for (const { segment, isAssigned } of this.#shelf.segments()) {
      if (!isAssigned) {
        coldCount++;
        continue;
      }
      assignedCount++;
      const { dataSource } = segment.id;
      const { count, sizeBytes } = tables[dataSource] ?? { count: 0, sizeBytes: 0 };
      tables[dataSource] = { count: count + 1, sizeBytes: sizeBytes + segment.sealed.sizeBytes };
    }
    const orders = this.#orders.states;
    return { ...this.#shelf.sizes, assignedCount, coldCount, tables, orders };
  }

  async close(): Promise<void> {
    await this.#orders.close();
    await this.#shelf.close();
  }
}
