import { UserError } from '../../core/index.js';
import { DAY_MS, daysOfCivil, HOUR_MS, MINUTE_MS, SECOND_MS } from './civil.js';

/** The offset from UTC, local minus UTC, in force during [startMs, endMs). */
export interface OffsetRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMs: number;
}

/** The Gregorian calendar with its weekdays, and so every yearly rule, repeats after 400 years. */
const CYCLE_MS = 146_097 * DAY_MS;
/** Transitions are looked for one chunk (8 years) at a time, when somebody asks. */
const CHUNK_MS = CYCLE_MS / 50;
/** No zone changes before its clocks are set by a law: earlier instants take the offset of 1800. */
const FIRST_MS = daysOfCivil(1800, 1, 1) * DAY_MS;
/** The zone database lists no exceptions beyond its yearly rules after 2100: later instants map into 2100–2499. */
const CYCLED_FROM_MS = daysOfCivil(2500, 1, 1) * DAY_MS;
/** Shorter than any zone stayed with an offset: the record is 6 days and 23 hours, Boa Vista in October 2000. */
const PROBE_STEP_MS = 6 * DAY_MS;

/**
 * A zone: an IANA id or a fixed offset. Looking an offset up costs a comparison while instants stay
 * between two transitions, else a map lookup and a binary search; `Intl` is asked only to fill a chunk.
 */
export class TimeZone {
  /** The offset if the zone has only one. */
  readonly fixedOffsetMs: number | null;
  #last: OffsetRange;
  readonly #chunks = new Map<number, readonly OffsetRange[]>();
  readonly #offsetProbe: (ms: number) => number;

  /** `offset` is the constant offset in ms, or the slow exact lookup. */
  constructor(
    readonly id: string,
    offset: number | ((ms: number) => number),
  ) {
    if (typeof offset === 'number') {
      this.fixedOffsetMs = offset;
      this.#last = { startMs: -Infinity, endMs: Infinity, offsetMs: offset };
      this.#offsetProbe = () => offset;
    } else {
      this.fixedOffsetMs = null;
      this.#last = { startMs: 0, endMs: 0, offsetMs: 0 };
      this.#offsetProbe = offset;
    }
  }

  /** Local minus UTC at an instant. */
  offsetAt(ms: number): number {
    const last = this.#last;
    return ms >= last.startMs && ms < last.endMs ? last.offsetMs : this.#find(ms).offsetMs;
  }

  /** The span around an instant with one offset; it may end where no transition is (its neighbour then has the same offset). */
  rangeAt(ms: number): OffsetRange {
    const last = this.#last;
    return ms >= last.startMs && ms < last.endMs ? last : this.#find(ms);
  }

  /** The wall clock at an instant, as the instant at which UTC's wall clock shows the same. */
  localOf(ms: number): number {
    return ms + this.offsetAt(ms);
  }

  /**
   * The instant of a wall-clock time. A time that happens twice is the earlier one; a time that is
   * skipped moves forward by the length of the gap (02:30 becomes 03:30).
   */
  instantOfLocal(localMs: number): number {
    const range = this.rangeAt(localMs);
    const instant = localMs - range.offsetMs;
    if (instant >= range.startMs + DAY_MS && instant < range.endMs - DAY_MS) return instant;
    const before = localMs - this.offsetAt(localMs - DAY_MS);
    if (before + this.offsetAt(before) === localMs) return before;
    const after = localMs - this.offsetAt(localMs + DAY_MS);
    return after + this.offsetAt(after) === localMs ? after : before;
  }

  /** The first instant at which the wall clock shows `localMs` or later: never decreases as `localMs` grows. */
  firstInstantFrom(localMs: number): number {
    const instant = this.instantOfLocal(localMs);
    let range = this.rangeAt(instant);
    if (instant + range.offsetMs === localMs) return instant;
    while (range.startMs > -Infinity) {
      const earlier = this.rangeAt(range.startMs - 1);
      if (earlier.offsetMs !== range.offsetMs) break;
      range = earlier;
    }
    return range.startMs;
  }

  #find(ms: number): OffsetRange {
    const cycles = ms >= CYCLED_FROM_MS ? Math.floor((ms - CYCLED_FROM_MS) / CYCLE_MS) + 1 : 0;
    const inTable = ms - cycles * CYCLE_MS;
    const index = Math.max(0, Math.floor((inTable - FIRST_MS) / CHUNK_MS));
    let chunk = this.#chunks.get(index);
    if (chunk === undefined) {
      chunk = findRanges(FIRST_MS + index * CHUNK_MS, this.#offsetProbe);
      this.#chunks.set(index, chunk);
    }
    const found = search(chunk, inTable);
    this.#last = cycles === 0 ? found : shifted(found, cycles * CYCLE_MS);
    return this.#last;
  }
}

/** The range that holds `ms`; ranges abut, and the first one reaches back as far as it is asked for. */
function search(ranges: readonly OffsetRange[], ms: number): OffsetRange {
  let low = 0;
  let high = ranges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ranges[middle]!.startMs <= ms) low = middle;
    else high = middle - 1;
  }
  return ranges[low]!;
}

function shifted(range: OffsetRange, byMs: number): OffsetRange {
  return {
    startMs: range.startMs + byMs,
    endMs: range.endMs + byMs,
    offsetMs: range.offsetMs,
  };
}

/** The ranges of the chunk that starts at `chunkMs`. */
function findRanges(chunkMs: number, offsetAt: (ms: number) => number): OffsetRange[] {
  const endMs = chunkMs + CHUNK_MS;
  const ranges: OffsetRange[] = [];
  let startMs = chunkMs === FIRST_MS ? -Infinity : chunkMs;
  let offsetMs = offsetAt(chunkMs);
  let probeMs = chunkMs;
  while (probeMs < endMs - 1) {
    const nextProbeMs = Math.min(probeMs + PROBE_STEP_MS, endMs - 1);
    while (offsetAt(nextProbeMs) !== offsetMs) {
      const changeMs = firstChange(probeMs, nextProbeMs, offsetMs, offsetAt);
      ranges.push({ startMs, endMs: changeMs, offsetMs });
      startMs = changeMs;
      probeMs = changeMs;
      offsetMs = offsetAt(changeMs);
    }
    probeMs = nextProbeMs;
  }
  ranges.push({ startMs, endMs, offsetMs });
  return ranges;
}

/** Bisects to the first whole second after `lowMs`, up to `highMs`, at which the offset is another one. */
function firstChange(
  lowMs: number,
  highMs: number,
  offsetMs: number,
  offsetAt: (ms: number) => number,
): number {
  let low = Math.floor(lowMs / SECOND_MS);
  let high = Math.floor(highMs / SECOND_MS);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * SECOND_MS) === offsetMs) low = middle;
    else high = middle;
  }
  return high * SECOND_MS;
}

/** The slow lookup through `Intl`: what the wall clock shows, minus the instant. Null for an unknown id. */
function offsetProbe(id: string): ((ms: number) => number) | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: id,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
  return (ms) => {
    const [month, day, year, hour, minute, second] = format.format(ms).match(/\d+/g)!.map(Number);
    const clockMs = (hour! * 60 + minute!) * MINUTE_MS + second! * SECOND_MS;
    return (
      daysOfCivil(year!, month!, day!) * DAY_MS + clockMs - Math.floor(ms / SECOND_MS) * SECOND_MS
    );
  };
}

const FIXED_OFFSET = /^([+-])(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?$/;
const UTC_IDS = new Set([
  'UTC',
  'Z',
  'GMT',
  'Etc/UTC',
  'Etc/GMT',
  'Etc/UCT',
  'UCT',
  'Zulu',
  'Etc/Zulu',
]);

/** `+05:30`, `-0800`, `+02` to milliseconds; null for anything else. */
export function parseOffset(text: string): number | null {
  const match = FIXED_OFFSET.exec(text);
  if (match === null) return null;
  const [hours, minutes, seconds] = [match[2], match[3], match[4]].map((part) => Number(part ?? 0));
  if (hours! > 23 || minutes! > 59 || seconds! > 59) return null;
  const size = hours! * HOUR_MS + minutes! * MINUTE_MS + seconds! * SECOND_MS;
  return match[1] === '-' && size !== 0 ? -size : size;
}

/** Ids come from users, in any spelling of case: forget them all rather than grow without end. */
const ZONES_MAX = 2000;
const zones = new Map<string, TimeZone>();

/** The zone of an id, or null when there is none. Zones are shared, with their tables. */
export function findTimeZone(id: string): TimeZone | null {
  const known = zones.get(id);
  if (known !== undefined) return known;
  const offset = UTC_IDS.has(id) ? 0 : (parseOffset(id) ?? offsetProbe(id));
  if (offset === null) return null;
  const zone = new TimeZone(id, offset);
  if (zones.size >= ZONES_MAX) zones.clear();
  zones.set(id, zone);
  return zone;
}

/** The zone of an id that has been checked; throws UserError otherwise. */
export function timeZoneOf(id: string, field = 'timeZone'): TimeZone {
  const zone = findTimeZone(id);
  if (zone !== null) return zone;
  throw new UserError(
    `${field}: there is no time zone ${JSON.stringify(id)}; give an IANA id such as "America/Los_Angeles" or an offset such as "+05:30"`,
    'query',
    field,
  );
}

export const UTC = timeZoneOf('UTC');

export function isTimeZone(id: string): boolean {
  return findTimeZone(id) !== null;
}

/** Returns `id` if it is a zone; throws UserError otherwise. */
export function checkTimeZone(id: string, field: string): string {
  return timeZoneOf(id, field).id;
}
