import { fixedMs, type Interval } from './interval.js';
import { dayStart, wallOf } from './zone.js';

const DAY_MS = 86_400_000;

/** More points than a panel can show, and a bound for what a fill may cost. */
const MAX_BUCKETS = 50_000;

/**
 * The starts of all buckets that overlap [fromMs, toMs), ascending, `anchorMs` being the start of one
 * of them: where TIME_FLOOR put a row. Days, weeks, months and years follow the calendar of the zone.
 * Throws an Error in plain words if they are too many.
 */
export function bucketStarts(
  anchorMs: number,
  interval: Interval,
  timeZone: string,
  fromMs: number,
  toMs: number,
): number[] {
  const start = startOf(anchorMs, interval, timeZone);
  let first = Math.round((fromMs - anchorMs) / roughMs(interval));
  while (start(first) > fromMs) first--;
  while (start(first + 1) <= fromMs) first++;
  if ((toMs - fromMs) / roughMs(interval) > MAX_BUCKETS) {
    throw new Error(
      `filling the gaps would make more than ${MAX_BUCKETS} points: group by a longer interval, such as $__interval`,
    );
  }
  const starts: number[] = [];
  for (let k = first, at = start(k); at < toMs; k++, at = start(k)) starts.push(at);
  return starts;
}

/** About how long an interval is. */
function roughMs(interval: Interval): number {
  const days = { d: 1, w: 7, M: 30, y: 365 }[interval.unit as 'd' | 'w' | 'M' | 'y'];
  return fixedMs(interval) ?? interval.count * days * DAY_MS;
}

/** The start of the bucket that is `k` after the anchor's. */
function startOf(anchorMs: number, interval: Interval, timeZone: string): (k: number) => number {
  const ms = fixedMs(interval);
  if (ms !== null) return (k) => anchorMs + k * ms;
  const { count, unit } = interval;
  const wall = new Date(wallOf(anchorMs, timeZone));
  const [year, month, day] = [wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate()];
  const months = unit === 'y' ? 12 * count : unit === 'M' ? count : 0;
  const days = unit === 'w' ? 7 * count : unit === 'd' ? count : 0;
  return (k) => dayStart(Date.UTC(year, month + k * months, day + k * days), timeZone);
}
