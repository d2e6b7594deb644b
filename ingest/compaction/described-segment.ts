import { mapParallel } from '../../core/index.js';
import type { SegmentDirectory } from '../../segments/index.js';
import type { VisibleSegment } from '../publisher.js';

/** A visible segment, and what its file says of itself. */
export interface DescribedSegment extends Pick<VisibleSegment, 'id'> {
  readonly directory: SegmentDirectory;
}

/** Directories that are read at the same time. */
const PARALLEL = 8;

/** In the order of the segments. */
export const describeSegments = (
  segments: readonly VisibleSegment[],
  signal: AbortSignal,
): Promise<DescribedSegment[]> =>
  mapParallel(segments, PARALLEL, async (segment) => ({
    id: segment.id,
    directory: await segment.directory(signal),
  }));
