import type { ColumnDescription } from '../types.js';
import type { Place } from './arena-store.js';
import type { ByteHeapHandle } from './byte-heap.js';

/** One column of a mutable segment as another thread reads it. */
export interface MutableColumnHandle {
  readonly description: ColumnDescription;
  /**
   * Runs of CHUNK_ROWS rows: STRING u32 ids of cells, LONG i64, DOUBLE f64, FLOAT f32; none for
   * COMPLEX, whose rows are entries of `heap`.
   */
  readonly chunks: readonly Place[];
  /** Null bitmaps by chunk; null or not there where no row is null. STRING has none: id 0 is null. */
  readonly nulls: readonly (Place | null)[];
  /** STRING: UTF-8 of the texts by id (0 is null). COMPLEX: the stored form of each row. */
  readonly heap: ByteHeapHandle | null;
  /** STRING with lists: by cell id, the u32 text ids of its elements. Without: a cell is a text. */
  readonly lists: ByteHeapHandle | null;
  /** STRING: how many cell ids there are. */
  readonly cellCount: number;
}

/**
 * A consistent prefix of a mutable segment, sent between threads as it is. Its bytes stay where
 * they are and do not change until the segment is closed.
 */
export interface MutableSegmentHandle {
  readonly kind: 'mutable';
  /** A label for logs; no file. */
  readonly path: string;
  readonly rowCount: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly sortedByTime: boolean;
  readonly columns: readonly MutableColumnHandle[];
  /** Aggregator specs by metric. */
  readonly aggregators: ReadonlyMap<string, unknown>;
  readonly rollup: boolean;
  readonly queryGranularity: unknown;
}
