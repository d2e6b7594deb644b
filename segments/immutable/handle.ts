import type { SegmentDirectory } from '../format/directory.js';
import type { ScratchRange } from '../types.js';

/**
 * A segment file in memory, sent between threads as it is. Each part of it, a column or an index, lies in one memory, and
 * in it wherever there was room.
 */
export interface ImmutableSegmentHandle {
  readonly kind: 'immutable';
  readonly path: string;
  readonly memory: WebAssembly.Memory;
  /** Null when no room was set aside for those who scan. */
  readonly scratch: ScratchRange | null;
  readonly directory: SegmentDirectory;
  /**
   * By key of the parts whose bytes are there (see `parts.ts`): what to add to a block's offset in the file for its address.
   * Others must not be read.
   */
  readonly loaded: ReadonlyMap<string, number>;
  /** The number of the star-tree whose records are meant; absent for the rows. */
  readonly tree?: number;
}
