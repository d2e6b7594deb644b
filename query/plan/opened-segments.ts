import { attachSegment, type Segment, type SegmentHandle } from '../../segments/index.js';

const opened = new WeakMap<SegmentHandle, Segment>();

/** The segment of a handle, which this thread opens once. */
export function openedSegment(handle: SegmentHandle): Segment {
  const known = opened.get(handle) ?? attachSegment(handle);
  opened.set(handle, known);
  return known;
}
