import { Timeline } from '../../segments/index.js';
import type { PlacedSegment } from './stored-segment.js';

/**
 * The timeline of published segments that count. A core set is published as a whole, so one that is
 * not complete any more was dropped from on purpose: what is left of it shows, and goes on hiding
 * what is older.
 */
export function timelineOf<S extends Pick<PlacedSegment, 'id'>>(
  segments: Iterable<S>,
): Timeline<S> {
  const timeline = new Timeline<S>();
  for (const segment of segments) {
    timeline.add({ id: segment.id, coreCount: 0, payload: segment });
  }
  return timeline;
}
