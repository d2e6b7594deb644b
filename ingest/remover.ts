import type { Interval } from '../model/index.js';

/** Which segments to remove for good: of those that do not count, the ones that lie inside an interval. */
export interface KillOrder {
  readonly interval: Interval;
  /** Only these; null: all. */
  readonly versions: readonly string[] | null;
  /** Only those that count no more since then or longer; null: however long. */
  readonly maxUsedChangedMs: number | null;
  /** Only these, by id; null: all. */
  readonly ids: readonly string[] | null;
  /** At most so many. */
  readonly limit: number;
}

/** Takes segments away. Implemented over the metadata store; ingestion only knows this much of it. */
export interface SegmentRemover {
  /** Makes the segments inside an interval count no more; queries do not see them. Gives how many. */
  drop(dataSource: string, interval: Interval): Promise<number>;
  /**
   * Removes segments from the metadata, and then their files; one that a running query or task reads
   * goes when it is done. Gives how many: fewer than the limit only when there are no more.
   */
  kill(dataSource: string, order: KillOrder): Promise<number>;
  /** Removes files of segments that were built and are not published, nor ever will be. */
  discard(paths: readonly string[]): void;
}
