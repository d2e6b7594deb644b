import type { Cell } from '../cells.js';
import { ColumnarSegment } from '../columnar-segment.js';
import type { Segment } from '../types.js';
import type { MutableSegmentHandle } from './handle.js';

/** Cells by id that this thread already has as strings, by column; a reader adds those it decodes. */
export type KnownCells = ReadonlyMap<string, (Cell | undefined)[] | null>;

/** Makes the rows of a mutable segment that a handle covers readable, in any thread. */
export function attachMutable(handle: MutableSegmentHandle, known?: KnownCells): Segment {
  return new ColumnarSegment({
    ...handle,
    isLoaded: () => true,
    knownCells: (name) => known?.get(name) ?? [],
  });
}
