import type { SegmentDirectory } from '../format/directory.js';
import type { ScratchRange } from '../types.js';

/**
 * A segment file in memory, sent between threads as it is. One range of the arena mirrors the file:
 * the address of a block is `base` + its offset in the file.
 */
export interface ImmutableSegmentHandle {
  readonly kind: 'immutable';
  readonly path: string;
  readonly memory: WebAssembly.Memory;
  readonly base: number;
  /** Null when no room was set aside for those who scan. */
  readonly scratch: ScratchRange | null;
  readonly directory: SegmentDirectory;
  /** Keys of the parts whose bytes are there (see `parts.ts`); others must not be read. */
  readonly loaded: readonly string[];
}
