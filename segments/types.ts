import type { Long } from '../core/index.js';
import type { Interval, RowCursor, ValueType } from '../model/index.js';

/** How a segment of a chunk relates to its siblings: `partitions` is the size of the core set (0 when appended). */
export interface ShardSpec {
  readonly type: 'numbered';
  readonly partitionNum: number;
  readonly partitions: number;
}

/**
 * Names one segment for ever: never used twice, also not after deletion. A higher version (plain
 * string order) of an interval overshadows a lower one.
 */
export interface SegmentId {
  readonly dataSource: string;
  readonly interval: Interval;
  readonly version: string;
  readonly partitionNum: number;
}

/** What is known of a column without reading it. */
export interface ColumnStats {
  /** Distinct values, null included; null where unknown (numeric columns). */
  readonly cardinality: number | null;
  /** Smallest and largest non-null value; null when there is none. STRING in UTF-8 byte order. */
  readonly min: string | Long | null;
  readonly max: string | Long | null;
  readonly hasNulls: boolean;
  /** Bytes in the file. */
  readonly sizeBytes: number;
}

export interface ColumnDescription {
  readonly name: string;
  readonly type: ValueType;
  readonly multiValue: boolean;
  /** Whether ingestion stored it as a dimension or as a metric; `time` for `__time`. */
  readonly role: 'time' | 'dimension' | 'metric';
  readonly stats: ColumnStats;
}

/**
 * The one way to read rows, mutable or immutable. A `Segment` is a consistent view: its row count
 * and contents never change while it is held.
 *
 * Rows of an immutable segment are sorted by (`__time`, dimensions in stored order, nulls first);
 * rows of a mutable one lie in arrival order.
 */
export interface Segment {
  readonly rowCount: number;
  /** Smallest and largest `__time`; both null when there are no rows. */
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  /** True when rows are in ascending time order. */
  readonly sortedByTime: boolean;
  /** `__time` first, then dimensions, then metrics, in stored order. */
  readonly columns: readonly ColumnDescription[];
  /** The aggregator specs (JSON) the metrics were built with, by metric name; empty when unknown. */
  readonly aggregators: Readonly<Record<string, unknown>>;
  readonly rollup: boolean;
  readonly queryGranularity: unknown;
  /** A cursor over the rows: every reader made from it reads the row it stands on. */
  cursor(): SegmentCursor;
}

export interface SegmentCursor extends RowCursor {
  /** `__time` of the current row, in milliseconds. */
  timeMs(): number;
}
