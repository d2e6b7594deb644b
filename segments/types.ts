import type { Long } from '../core/index.js';
import type { ColumnIndex, IndexChoice } from '../indexes/index.js';
import type { AutoType, Interval, RowCursor, ValueType } from '../model/index.js';

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
  /** Distinct values, null included; null where unknown (most numeric columns). */
  readonly cardinality: number | null;
  /** Smallest and largest non-null value; null when there is none. STRING in UTF-8 byte order. */
  readonly min: string | Long | null;
  readonly max: string | Long | null;
  readonly hasNulls: boolean;
  /** Bytes in the file. */
  readonly sizeBytes: number;
}

/** How a column is stored, and what that was chosen over. */
export interface ColumnStorage {
  readonly encoding: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** The encoding that would have been taken otherwise; null where there was none, or nobody compared. */
  readonly runnerUp: { readonly encoding: string; readonly sizeBytes: number } | null;
  readonly indexes: readonly { readonly kind: string; readonly sizeBytes: number }[];
  /** Which indexes were asked for; absent where nothing was said. */
  readonly indexChoice?: IndexChoice;
}

export interface ColumnDescription {
  readonly name: string;
  readonly type: ValueType;
  readonly multiValue: boolean;
  /** Whether ingestion stored it as a dimension or as a metric; `time` for `__time`. */
  readonly role: 'time' | 'dimension' | 'metric';
  /** Of a column whose type was found in its values: what these are. */
  readonly auto?: AutoType;
  readonly stats: ColumnStats;
  /** Absent for a column that is made while a query runs. */
  readonly storage?: ColumnStorage;
}

/**
 * How the rows of a column lie in the segment's memory, for code that reads bytes instead of values.
 * Entry `row` is at `address + row * width`.
 *
 *     ids        unsigned, of cells in [0, size); a null cell has an id like any other
 *     deltas     unsigned; the LONG is `base` + `unit` × delta
 *     longs      i64, width 8
 *     doubles    f64, width 8
 *     floats     f32, width 4
 *     codes      unsigned, of numbers in [0, size), ascending and distinct, none of them -0 or NaN, which lie at `values` as
 *                longs, doubles or floats do; 0 in null rows
 *     constant   no bytes, width 0: every row is `base`
 */
export interface ScanColumn {
  /** Of what the entries stand for. */
  readonly type: ValueType;
  readonly layout: 'ids' | 'deltas' | 'longs' | 'doubles' | 'floats' | 'codes' | 'constant';
  readonly width: 0 | 1 | 2 | 4 | 8;
  readonly address: number;
  /** Where the null bitmap is (see `null-bitmap.ts`); null where no row is null. Ids have none. */
  readonly nulls: number | null;
  readonly base: Long;
  /** Of deltas: from 1 on; 1 for others. */
  readonly unit: number;
  readonly size: number;
  /** Where the numbers lie that codes stand for; null for all other columns. */
  readonly values: number | null;
  /** Of ids whose cells are texts, where those are; null for all other columns. */
  readonly texts: ScanTexts | null;
  /** Of ids whose cells are JSON, where the texts of these are; absent for all other columns. */
  readonly jsonTexts?: ScanTexts;
  /** Of ids whose cells are lists of texts: these; absent elsewhere. */
  readonly elements?: { readonly texts: ScanTexts; readonly size: number };
}

/**
 * A dictionary of texts in the segment's memory: null first where there is one, each text once, by UTF-8 bytes where
 * it is sorted (see `encodings/text-dictionary.ts`). Well-formed: a text that was not never came in.
 */
export interface ScanTexts {
  /** Address of the UTF-8 of all texts, one after another. */
  readonly bytes: number;
  /** Address of (size + 1) × u32: text i is bytes [offsets[i], offsets[i + 1]). */
  readonly offsets: number;
  /** Null is code 0. */
  readonly hasNull: boolean;
  /** Codes ascend as their texts do. Else they are in the order of arrival: only more may come behind them. */
  readonly isSorted: boolean;
}

/** Where a segment's bytes are, and room beside them that whoever scans them may use. */
export interface ScanMemory {
  readonly memory: WebAssembly.Memory;
  /** Shared by all threads that scan: each takes its part. */
  readonly scratch: ScratchRange;
}

export interface ScratchRange {
  readonly offset: number;
  readonly sizeBytes: number;
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
  /** True when it is gone after one scan: nothing that is found out about it is worth keeping. */
  readonly isTransient: boolean;
  /**
   * The same for all snapshots of a mutable segment that lie in one layout: rows, and entries of dictionaries, that one of
   * them shows are the same, and in the same place, in those with more. Null for a segment of which there is but one.
   */
  readonly lineage: object | null;
  /** `__time` first, then dimensions, then metrics, in stored order. */
  readonly columns: readonly ColumnDescription[];
  /** The aggregator specs (JSON) the metrics were built with, by metric name; empty when unknown. */
  readonly aggregators: Readonly<Record<string, unknown>>;
  readonly rollup: boolean;
  readonly queryGranularity: unknown;
  /** A cursor over the rows: every reader made from it reads the row it stands on. */
  cursor(): SegmentCursor;
  /** Null when the rows do not lie in one memory, or no room was set aside beside them. */
  readonly scanMemory: ScanMemory | null;
  /** Null when there is no such column. Paths into JSON columns are columns (`pathColumn`), although `columns` leaves them out. */
  describe(name: string): ColumnDescription | null;
  /** Null when there is no such column, or it has no layout of those above. */
  scanColumn(name: string): ScanColumn | null;
  /** Null when the column has no such index, or it was not asked to be in memory: nobody may rely on there being one. */
  index(column: string, kind: string): ColumnIndex | null;
}

export interface SegmentCursor extends RowCursor {
  /** `__time` of the current row, in milliseconds. */
  timeMs(): number;
}
