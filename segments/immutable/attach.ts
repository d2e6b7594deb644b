import { ColumnarSegment } from '../columnar-segment.js';
import type { Segment } from '../types.js';
import type { ImmutableSegmentHandle } from './handle.js';
import { partKey } from './parts.js';

/** Makes a loaded segment file readable, or a star-tree of it. */
export function attachImmutable(handle: ImmutableSegmentHandle): Segment {
  const { directory, loaded, tree } = handle;
  return new ColumnarSegment({
    ...directory,
    ...handle,
    ...(tree === undefined ? {} : directory.trees[tree]),
    sortedByTime: tree === undefined,
    lineage: null,
    baseOf: (column, kind) => loaded.get(partKey(column, kind, tree)) ?? null,
    knownCells: () => [],
  });
}
