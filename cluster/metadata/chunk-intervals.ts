import type { ChunkInterval } from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import type { SegmentId } from '../../segments/index.js';
import type { PlacedSegment } from './stored-segment.js';

export const intervalKey = ({ startMs, endMs }: Interval): string => `${startMs}/${endMs}`;

/** Of all segments of one interval and version. */
export const chunkKey = ({ interval, version }: Pick<SegmentId, 'interval' | 'version'>): string =>
  `${intervalKey(interval)}/${version}`;

/** The newer segment is the one of the higher version, then of the later interval. */
export function compareAge(a: SegmentId, b: SegmentId): number {
  if (a.version !== b.version) return a.version < b.version ? -1 : 1;
  return a.interval.startMs - b.interval.startMs || a.partitionNum - b.partitionNum;
}

/** The intervals of the chunks, of newer versions first: where they overlap, the first one is visible. */
export function chunkIntervalsOf(
  used: readonly Pick<PlacedSegment, 'id' | 'isTombstone'>[],
): ChunkInterval[] {
  const withRows = new Set(used.flatMap((each) => (each.isTombstone ? [] : chunkKey(each.id))));
  const chunks = new Map<string, ChunkInterval>();
  for (const { id } of [...used].sort((a, b) => compareAge(b.id, a.id))) {
    const key = intervalKey(id.interval);
    if (chunks.has(key)) continue;
    chunks.set(key, withRows.has(chunkKey(id)) ? id.interval : { ...id.interval, isEmpty: true });
  }
  return [...chunks.values()];
}
