import type { PlacedSegment } from '../metadata/stored-segment.js';
import { timelineOf } from '../metadata/used-timeline.js';

/** How long what does not count any more is kept; null: for ever. */
export interface KillPeriods {
  /** What newer segments replaced: it could not be taken back while they count. */
  readonly replacedMs: number | null;
  /** What was dropped, by an order or by a rule: it can be taken back. */
  readonly droppedMs: number | null;
}

/** A segment that does not count, and since when. */
export type UnusedSegment = Pick<PlacedSegment, 'id' | 'idText'> & {
  readonly usedChangedMs: number;
};

/** The unused segments of a table whose time has come, by id. Pure. */
export function outdated(
  unused: readonly UnusedSegment[],
  used: readonly Pick<PlacedSegment, 'id'>[],
  { replacedMs, droppedMs }: KillPeriods,
  nowMs: number,
): string[] {
  const visible = timelineOf(used);
  const isOver = (sinceMs: number, periodMs: number | null): boolean =>
    periodMs !== null && sinceMs <= nowMs - periodMs;
  return unused
    .filter(({ id, usedChangedMs }) =>
      isOver(usedChangedMs, visible.hides(id) ? replacedMs : droppedMs),
    )
    .map(({ idText }) => idText);
}

/** The latest time since when a segment may not count to be outdated now; null when none ever is. */
export function latestOutdatedMs(
  { replacedMs, droppedMs }: KillPeriods,
  nowMs: number,
): number | null {
  const periods = [replacedMs, droppedMs].filter((period) => period !== null);
  return periods.length === 0 ? null : nowMs - Math.min(...periods);
}
