import type { Interval } from '../../model/index.js';
import type { SegmentId } from '../../segments/index.js';

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
export function chunkIntervalsOf(used: readonly SegmentId[]): Interval[] {
  const chunks = new Map<string, Interval>();
  for (const { interval } of [...used].sort((a, b) => compareAge(b, a))) {
    const key = intervalKey(interval);
    if (!chunks.has(key)) chunks.set(key, interval);
  }
  return [...chunks.values()];
}
