import type { Interval } from '../../model/index.js';
import { chunkKey } from './chunk-intervals.js';
import type { PlacedSegment } from './stored-segment.js';
import { timelineOf } from './used-timeline.js';

/** The interval and the version of a chunk, as all of its segments have them. */
export type ChunkPlace = Pick<PlacedSegment['id'], 'interval' | 'version'>;

/** What becomes of a table's segments when some are dropped. */
export interface Drop {
  /** They count no more. */
  readonly unused: readonly PlacedSegment[];
  /** Chunks that get a tombstone: they have no rows left, and still hide what older ones have. */
  readonly hiding: readonly ChunkPlace[];
}

/**
 * Drops the chosen ones of the `used` segments of a table. Queries then see the rows that they saw
 * before but for those dropped: where a chunk goes that hid a part of an older one, something of it
 * stays. Pure.
 */
export function dropOf(
  used: readonly PlacedSegment[],
  isChosen: (segment: PlacedSegment) => boolean,
): Drop {
  const chosen = new Set(used.filter(isChosen));
  const before = timelineOf(used);
  const left = used.filter((segment) => !chosen.has(segment));
  const after = timelineOf(left);
  const keys = new Set(left.map(({ id }) => chunkKey(id)));
  const hiding: ChunkPlace[] = [];
  for (const { id } of chosen) {
    if (keys.has(chunkKey(id))) continue;
    keys.add(chunkKey(id));
    const wouldShow = (interval: Interval): boolean =>
      after.lookup(interval).some(({ version }) => version < id.version);
    const hidIt = before
      .lookup(id.interval)
      .some(({ interval, version }) => version === id.version && wouldShow(interval));
    if (hidIt) hiding.push(id);
  }
  return keepTombstones([...chosen], hiding);
}

/** A chunk that has a tombstone already keeps it. */
function keepTombstones(chosen: readonly PlacedSegment[], hiding: readonly ChunkPlace[]): Drop {
  const keys = new Set(hiding.map(chunkKey));
  const isKept = ({ id, isTombstone }: PlacedSegment) => isTombstone && keys.has(chunkKey(id));
  const done = new Set(chosen.filter(isKept).map(({ id }) => chunkKey(id)));
  return {
    unused: chosen.filter((segment) => !isKept(segment)),
    hiding: hiding.filter((chunk) => !done.has(chunkKey(chunk))),
  };
}

/** What becomes of a table's segments when some that do not count are taken back. */
export interface Restore {
  /** They count again. */
  readonly used: readonly PlacedSegment[];
  /** They are hidden by those now, for good. */
  readonly unused: readonly PlacedSegment[];
}

/**
 * Takes back the chosen ones of all `segments` of a table, but for those that others hide: segments
 * that count, or that are taken back as well. Pure.
 */
export function restoreOf(
  segments: readonly PlacedSegment[],
  isChosen: (segment: PlacedSegment) => boolean,
): Restore {
  const counting = segments.filter((segment) => segment.used || isChosen(segment));
  const hidden = new Set(timelineOf(counting).overshadowed());
  return {
    used: counting.filter((segment) => !segment.used && !hidden.has(segment)),
    unused: counting.filter((segment) => segment.used && hidden.has(segment)),
  };
}

/**
 * The intervals of the tombstones that replace what is visible in `intervals`, as far as the chunks in
 * `written` do not: one for each run of rows, so that they are cut as the chunks are. Pure.
 */
export function tombstoneIntervals(
  used: readonly PlacedSegment[],
  intervals: readonly Interval[],
  written: readonly Interval[],
): Interval[] {
  const visible = timelineOf(used);
  const holes = intervals.flatMap((interval) => without(interval, written));
  return holes.flatMap((hole) =>
    visible
      .lookup(hole)
      .filter(({ payloads }) => payloads.some(({ isTombstone }) => !isTombstone))
      .map(({ interval }) => interval),
  );
}

/** The parts of an interval that lie in none of the others. */
function without(interval: Interval, others: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let { startMs } = interval;
  for (const other of [...others].sort((a, b) => a.startMs - b.startMs)) {
    if (other.endMs <= startMs || other.startMs >= interval.endMs) continue;
    if (other.startMs > startMs) left.push({ startMs, endMs: other.startMs });
    startMs = other.endMs;
  }
  if (startMs < interval.endMs) left.push({ startMs, endMs: interval.endMs });
  return left;
}
