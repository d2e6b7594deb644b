import { attachImmutable } from './immutable/attach.js';
import type { ImmutableSegmentHandle } from './immutable/handle.js';
import { attachMutable } from './mutable/attach.js';
import type { MutableSegmentHandle } from './mutable/handle.js';
import type { Segment } from './types.js';

/** A segment's bytes in shared memory, sent between threads as it is, never copied. */
export type SegmentHandle = ImmutableSegmentHandle | MutableSegmentHandle;

/**
 * Makes a segment readable in this thread. Views are made per column when first asked for, strings
 * when first read; both live as long as the returned segment, which may serve many cursors.
 */
export function attachSegment(handle: SegmentHandle): Segment {
  return handle.kind === 'immutable' ? attachImmutable(handle) : attachMutable(handle);
}
