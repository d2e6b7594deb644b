import type { Interval } from '../model/index.js';
import type {
  ColumnDescription,
  ColumnFacts,
  PinnedSegment,
  SegmentId,
  ShardSpec,
  WantedParts,
} from '../segments/index.js';
import type { ColumnSchema } from './engines/engine.js';
import type { PartHolder } from './shares/share.js';

/** What is known of a published segment before any of its columns is read. */
export interface PartFacts extends ColumnFacts {
  readonly shardSpec: ShardSpec;
}

/** What the metadata tell of a segment whose file is elsewhere. */
export interface PartOutline {
  readonly shardSpec: ShardSpec;
  /** Null when there is none of this name. */
  column(name: string): Pick<ColumnDescription, 'type' | 'multiValue'> | null;
}

/** One visible segment of a table, or a part of its rows that are not published yet. */
export interface TablePart {
  readonly id: SegmentId;
  /** Only rows inside count: a newer version may overshadow the rest. */
  readonly interval: Interval;
  /** Times of the segment's first and last row. */
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly rowCount: number;
  /** Stands for rows that nobody tells of: nothing follows from its times and its count, so that it must be asked for. */
  readonly isUnknown?: boolean;
  /** Null of rows that are not published, and of a file that cannot be read. */
  readonly facts: PartFacts | null;
  /** Where there are no facts, of a published segment. */
  readonly outline?: PartOutline;
  /** The same for the same rows, in files of the same bytes; absent of rows that are not published, and of a file that cannot be read. */
  readonly contentId?: string;
  /** Who scans it, where this process cannot: then it cannot be pinned, and all parts of the table have the same one. */
  readonly holder?: PartHolder;
  /** Loads the columns and indexes that it has of these, and holds them until released. */
  pin(wanted: WantedParts): Promise<PinnedSegment>;
  /** The same at once, where all of it is in memory; else null, and nothing is held. */
  pinLoaded?(wanted: WantedParts): PinnedSegment | null;
}

/** All columns of a table, of the types that the values of all segments fit (`merged-columns.ts`). */
export interface TableSchema {
  readonly columns: readonly ColumnSchema[];
}

/**
 * Some tables at one moment. What it shows stays readable until `release`, which may be called more
 * than once; afterwards nothing of it may be pinned or read.
 */
export interface TableSnapshot {
  /**
   * The parts with rows in these intervals: what is published, by interval, then partition, then what
   * is not, oldest first. None for a table that does not exist or was not asked for.
   */
  parts(dataSource: string, intervals: readonly Interval[]): readonly TablePart[];
  schema(dataSource: string): TableSchema | null;
  release(): void;
}

/** The tables that can be queried. Implemented above this room. */
export interface TableProvider {
  snapshot(dataSources: readonly string[]): TableSnapshot;
  /**
   * Waits until a snapshot shows the rows that this token was given for. Throws UserError for a token
   * that cannot come true here, and the signal's reason when it is raised before.
   */
  waitFor(token: string, signal: AbortSignal): Promise<void>;
}
