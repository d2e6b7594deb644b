import type { JsonObject } from '../core/index.js';
import type { Interval } from '../model/index.js';
import type {
  SealedSegment,
  SegmentDirectory,
  SegmentId,
  ShardBucket,
  TreeDefinition,
} from '../segments/index.js';

/** What queries see of one published segment. */
export interface VisibleSegment {
  readonly id: SegmentId;
  /** Rows outside of it are hidden. */
  readonly interval: Interval;
  /** See `SegmentSlice`. */
  readonly path: string;
  /** See `SegmentSlice`. */
  readonly stored?: unknown;
  /** What its file says of itself; no more is read of it than that. */
  directory(signal: AbortSignal): Promise<SegmentDirectory>;
}

/** Where a time chunk lies. */
export interface ChunkInterval extends Interval {
  /** It has no rows, and hides older ones: a row that comes makes a chunk of its own in it. */
  readonly isEmpty?: boolean;
}

/** A sealed file and the time chunk it belongs to. */
export interface ChunkSegment {
  readonly interval: Interval;
  /** Which rows of the chunk it has; absent: no telling. */
  readonly bucket?: ShardBucket;
  readonly sealed: SealedSegment;
}

/**
 * What the segments of a publish were made by, as it was then. A table that is no longer so where they
 * go refuses them with ConflictError: rows would be hidden that nobody has looked at.
 *
 *   chunks    rows were put into the chunks that `Publisher.chunkIntervals` gave
 *   segments  rows were read from what `TableReader.visibleSegments` gave for `interval`
 */
export type PublishBasis =
  | { readonly kind: 'chunks'; readonly intervals: readonly ChunkInterval[] }
  | {
      readonly kind: 'segments';
      readonly interval: Interval;
      readonly visible: readonly Pick<VisibleSegment, 'id' | 'interval'>[];
    };

/**
 * What a task wants to become visible, all at once.
 *
 *   overwrite  every chunk that has segments gets a new version, which hides what was there; so does
 *              what there is in the rest of `dropIntervals`, where tombstones hide it
 *   append     segments join the current version of their chunk as further partitions
 */
export interface PublishRequest {
  readonly taskId: string;
  readonly dataSource: string;
  readonly mode: 'append' | 'overwrite';
  readonly segments: readonly ChunkSegment[];
  readonly dropIntervals: readonly Interval[];
  /** False: what there is in that rest has no rows. It leaves tombstones only where older rows would show. */
  readonly dropsRows: boolean;
  /** Null when the segments replace whatever is there. */
  readonly basis: PublishBasis | null;
  /** What the segments are remembered to be compacted by; null: nothing. */
  readonly compactionState: JsonObject | null;
}

/**
 * Published segments, to be read: files of what it has shown stay where they are, here or in deep storage, until it is released.
 * What it shows is what there is when it is asked, no older than when it began.
 */
export interface TableReader {
  /** What is visible of a table in an interval, by time, then partition. No file is fetched. Throws the error of one that cannot be read. */
  visibleSegments(dataSource: string, interval: Interval): readonly VisibleSegment[];
  /** May be called more than once. */
  release(): void;
}

/** Makes segments visible. Implemented over the metadata store; ingestion only knows this much of it. */
export interface Publisher {
  /**
   * The intervals of the chunks of a table: an appended row goes into the chunk that holds its time.
   * Where chunks overlap, the earlier in the list is the visible one.
   */
  chunkIntervals(dataSource: string): readonly ChunkInterval[];
  /** The star-trees that a push table is declared with; undefined where nothing was said of them. */
  declaredStarTrees(dataSource: string): readonly TreeDefinition[] | undefined;
  /** Begins to read tables; to be released. */
  read(): Promise<TableReader>;
  /**
   * Publishes in one atomic step; when it returns, queries see all of it. Publishing the same task
   * twice returns the first outcome. Throws ConflictError, with nothing changed, when its basis no
   * longer holds.
   */
  publish(request: PublishRequest): Promise<readonly SegmentId[]>;
  /** Whether the task has published something. */
  hasPublished(taskId: string): Promise<boolean>;
}
