import { isJsonObject, stringifyJson, UserError } from '../../core/index.js';
import { formatInstant, MAX_INSTANT_MS, MIN_INSTANT_MS, parseIso } from './instant.js';
import { parsePeriod, shiftInZone } from './period.js';
import { UTC } from './time-zone.js';

/** A half-open span of time, [startMs, endMs), milliseconds since the epoch, UTC. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** All time, `-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z`. */
export const ETERNITY: Interval = { startMs: MIN_INSTANT_MS, endMs: MAX_INSTANT_MS };

/** Reads `start/end`, `start/period` or `period/end`; instants without an offset are UTC. Throws UserError. */
export function parseInterval(text: string, field = 'intervals'): Interval {
  const fail = (why: string) =>
    new UserError(
      `${field}: ${JSON.stringify(text)} is not an interval: ${why}; write start/end, start/period or period/end, such as "2020-01-01/2020-02-01" or "2020-01-01/P1D"`,
      'query',
      field,
    );
  const sides = text.split('/');
  if (sides.length !== 2) throw fail(`want one "/" in it, found ${sides.length - 1}`);
  const [left, right] = sides.map((side) => side.trim());
  const read = (side: string) => {
    const ms = parseIso(side, UTC, 'T');
    if (ms === null) throw fail(`${JSON.stringify(side)} is not an ISO-8601 date or time`);
    return ms;
  };
  const shift = (ms: number, side: string, count: number) => {
    const period = parsePeriod(side);
    if (period === null) throw fail(`${JSON.stringify(side)} is not an ISO-8601 period`);
    return shiftInZone(ms, period, count, UTC);
  };
  const [startIsPeriod, endIsPeriod] = [/^p/i.test(left!), /^p/i.test(right!)];
  if (startIsPeriod && endIsPeriod) throw fail('both sides are periods');
  const startMs = startIsPeriod ? shift(read(right!), left!, -1) : read(left!);
  const endMs = endIsPeriod ? shift(startMs, right!, 1) : read(right!);
  if (endMs < startMs) throw fail('its end lies before its start');
  return { startMs, endMs };
}

/**
 * Reads every JSON form of a query's or spec's intervals: one text, texts parted by commas, a list
 * of texts, `{"type":"intervals","intervals":…}` (also `LegacySegmentSpec`), and
 * `{"type":"segments","segments":[{"itvl":…}]}`, of which only the time is read. Sorted and merged.
 */
export function parseIntervals(json: unknown, field: string): Interval[] {
  return condenseIntervals(readIntervals(json, field));
}

function readIntervals(json: unknown, field: string): Interval[] {
  if (typeof json === 'string') {
    return json.split(',').map((text) => parseInterval(text.trim(), field));
  }
  if (Array.isArray(json)) {
    return json.map((item: unknown, i) =>
      parseInterval(intervalText(item, `${field}[${i}]`), `${field}[${i}]`),
    );
  }
  if (isJsonObject(json)) {
    const { type, intervals, segments } = json;
    if (type === 'segments' && Array.isArray(segments)) {
      return segments.map((item: unknown, i) => {
        const path = `${field}.segments[${i}].itvl`;
        return parseInterval(intervalText(isJsonObject(item) ? item.itvl : item, path), path);
      });
    }
    if (type === 'intervals' || type === 'LegacySegmentSpec') {
      return readIntervals(intervals, `${field}.intervals`);
    }
  }
  throw new UserError(
    `${field}: got ${shown(json)}; give "start/end", a list of such texts, or {"type":"intervals","intervals":[…]}`,
    'query',
    field,
  );
}

function intervalText(item: unknown, field: string): string {
  if (typeof item === 'string') return item;
  throw new UserError(
    `${field}: got ${shown(item)}; give an interval as text, such as "2020-01-01/P1D"`,
    'query',
    field,
  );
}

const shown = (json: unknown): string =>
  (json === undefined ? 'nothing' : stringifyJson(json)).slice(0, 60);

/** `2020-01-01T00:00:00.000Z/2020-01-02T00:00:00.000Z` */
export function formatInterval(interval: Interval): string {
  return `${formatInstant(interval.startMs)}/${formatInstant(interval.endMs)}`;
}

/** Sorts, and merges what overlaps or abuts, so that no instant is held twice. */
export function condenseIntervals(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  const merged: Interval[] = [];
  for (const interval of sorted) {
    const last = merged.at(-1);
    if (last === undefined || interval.startMs > last.endMs) merged.push(interval);
    else if (interval.endMs > last.endMs) {
      merged[merged.length - 1] = { startMs: last.startMs, endMs: interval.endMs };
    }
  }
  return merged;
}

/** The instants that both hold, or null when there are none. */
export function intersect(a: Interval, b: Interval): Interval | null {
  const startMs = Math.max(a.startMs, b.startMs);
  const endMs = Math.min(a.endMs, b.endMs);
  return startMs < endMs ? { startMs, endMs } : null;
}

export const overlaps = (a: Interval, b: Interval): boolean => intersect(a, b) !== null;

/** True when every instant of `inner` is in `outer`. */
export const contains = (outer: Interval, inner: Interval): boolean =>
  inner.startMs >= outer.startMs && inner.endMs <= outer.endMs;
