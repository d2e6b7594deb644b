import { ConflictError } from '../../core/index.js';
import type { ChunkInterval, PublishBasis, PublishRequest } from '../../ingest/index.js';
import { formatInterval, type Interval, intersect, overlaps } from '../../model/index.js';
import { segmentIdText } from '../../segments/index.js';
import { chunkIntervalsOf, intervalKey } from './chunk-intervals.js';
import type { PlacedSegment } from './stored-segment.js';
import { timelineOf } from './used-timeline.js';

/**
 * Throws ConflictError unless what a publish rests on is still so, as far as its segments reach: other
 * places of the table may change meanwhile. `used` are the table's segments that count.
 */
export function checkBasis(
  { dataSource, basis, segments, dropIntervals }: PublishRequest,
  used: readonly PlacedSegment[],
): void {
  if (basis === null) return;
  const reach = [...segments.map(({ interval }) => interval), ...dropIntervals];
  const changed =
    basis.kind === 'chunks'
      ? changedChunks(basis.intervals, reach, used)
      : changedSegments(basis, reach, used);
  if (changed === undefined) return;
  throw new ConflictError(
    `the segments of "${dataSource}" in ${formatInterval(changed)} are no longer those that were there when this began; nothing was published, do it again`,
    { dataSource },
  );
}

function changedChunks(
  then: readonly ChunkInterval[],
  reach: readonly Interval[],
  used: readonly PlacedSegment[],
): Interval | undefined {
  const now = chunkIntervalsOf(used);
  const inside = (chunks: readonly ChunkInterval[], interval: Interval): string =>
    chunks
      .filter((chunk) => overlaps(chunk, interval))
      .map((chunk) => `${intervalKey(chunk)}${chunk.isEmpty === true ? ' empty' : ''}`)
      .join();
  return reach.find((interval) => inside(then, interval) !== inside(now, interval));
}

function changedSegments(
  { interval: read, visible }: Extract<PublishBasis, { kind: 'segments' }>,
  reach: readonly Interval[],
  used: readonly PlacedSegment[],
): Interval | undefined {
  const timeline = timelineOf(used);
  return reach.find((interval) => {
    const seen = intersect(interval, read);
    if (seen === null) return false;
    const there = timeline.lookup(seen).flatMap(({ payloads }) => payloads);
    const now = new Set(there.flatMap(({ isTombstone, idText }) => (isTombstone ? [] : idText)));
    const then = new Set(
      visible.flatMap((each) => (overlaps(each.interval, seen) ? segmentIdText(each.id) : [])),
    );
    return now.size !== then.size || [...now].some((id) => !then.has(id));
  });
}
