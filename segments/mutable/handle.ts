import type { ColumnEntry } from '../format/directory.js';
import type { ScratchRange } from '../types.js';

/**
 * A consistent prefix of a mutable segment, sent between threads as it is. It lies in memory like a file (see
 * `encodings/`): the address of a block is `base` + its offset. What belongs to the prefix does not change until the
 * layout is released, or the segment is closed.
 */
export interface MutableSegmentHandle {
  readonly kind: 'mutable';
  /** A label for logs; no file. */
  readonly path: string;
  /** The same for all handles of one segment, and of no other one that this process ever had. */
  readonly segment: string;
  /** Where the rows lie: a later handle of the segment may have another, higher one. */
  readonly layout: number;
  readonly memory: WebAssembly.Memory;
  readonly base: number;
  /** Null when no room was set aside for those who scan. */
  readonly scratch: ScratchRange | null;
  readonly rowCount: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly sortedByTime: boolean;
  readonly columns: readonly ColumnEntry[];
  readonly rollup: boolean;
  readonly queryGranularity: unknown;
}
