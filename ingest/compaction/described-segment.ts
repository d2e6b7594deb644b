import type { SegmentDirectory } from '../../segments/index.js';
import type { VisibleSegment } from '../publisher.js';

/** A visible segment, and what its file says of itself. */
export interface DescribedSegment extends Pick<VisibleSegment, 'id'> {
  readonly directory: SegmentDirectory;
}

/** In the order of the segments. */
export const describeSegments = (
  segments: readonly VisibleSegment[],
  signal: AbortSignal,
): Promise<DescribedSegment[]> =>
  Promise.all(
    segments.map(async (each) => ({ id: each.id, directory: await each.directory(signal) })),
  );
