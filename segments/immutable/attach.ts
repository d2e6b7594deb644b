import { ColumnarSegment } from '../columnar-segment.js';
import type { Segment } from '../types.js';
import type { ImmutableSegmentHandle } from './handle.js';
import { partKey } from './parts.js';

/** Makes a loaded segment file readable. */
export function attachImmutable(handle: ImmutableSegmentHandle): Segment {
  const { directory, loaded } = handle;
  return new ColumnarSegment({
    ...directory,
    ...handle,
    sortedByTime: true,
    lineage: null,
    baseOf: (column, kind) => loaded.get(partKey(column, kind)) ?? null,
    knownCells: () => [],
  });
}
