import type { Interval } from '../model/index.js';
import type { PinnedSegment, SegmentId } from '../segments/index.js';
import type { ColumnSchema } from './engines/engine.js';

/** One visible segment of a table. */
export interface TablePart {
  readonly id: SegmentId;
  /** Only rows inside count: a newer version may overshadow the rest. */
  readonly interval: Interval;
  /** Times of the segment's first and last row. */
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly rowCount: number;
  /** Loads the columns that it has of these, and holds them until released. */
  pin(columns: readonly string[] | 'all'): Promise<PinnedSegment>;
}

/** The visible segments of a table at one moment, sorted by interval, then partition. */
export interface TableSnapshot {
  readonly parts: readonly TablePart[];
}

/** All columns of a table; where segments differ, the newest one's type. */
export interface TableSchema {
  readonly columns: readonly ColumnSchema[];
}

/** The tables that can be queried. Implemented above this room. */
export interface TableProvider {
  tables(): string[];
  /** No parts for a table that does not exist. */
  snapshot(dataSource: string, intervals: readonly Interval[]): TableSnapshot;
  schema(dataSource: string): TableSchema | null;
}
