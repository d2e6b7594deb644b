import { contains, type Interval } from '../../model/index.js';
import type { PlacedSegment } from './stored-segment.js';

/** Which segments of a table an order is about. */
export type SegmentSelection =
  | { readonly kind: 'all' }
  /** Those that lie inside an interval; of these versions only when there is a list. */
  | {
      readonly kind: 'interval';
      readonly interval: Interval;
      readonly versions: readonly string[] | null;
    }
  /** Those of these ids. */
  | { readonly kind: 'ids'; readonly ids: readonly string[] };

export const ALL_SEGMENTS: SegmentSelection = { kind: 'all' };

export const segmentsIn = (interval: Interval): SegmentSelection => ({
  kind: 'interval',
  interval,
  versions: null,
});

/** Whether a segment is selected. */
export function selects(selection: SegmentSelection): (segment: PlacedSegment) => boolean {
  if (selection.kind === 'all') return () => true;
  if (selection.kind === 'ids') {
    const ids = new Set(selection.ids);
    return ({ idText }) => ids.has(idText);
  }
  const { interval } = selection;
  const versions = selection.versions === null ? null : new Set(selection.versions);
  return ({ id }) =>
    contains(interval, id.interval) && (versions === null || versions.has(id.version));
}
