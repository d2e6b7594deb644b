import {
  type CivilDate,
  civilOfDays,
  DAY_MS,
  dayOfYear,
  HOUR_MS,
  isoWeekOfDays,
  MINUTE_MS,
  SECOND_MS,
  weekdayOfDays,
} from './civil.js';
import { formatOffset, padded } from './instant.js';
import { MONTHS, type PatternToken, parsePattern, short, WEEKDAYS } from './joda-pattern.js';
import { type TimeZone, timeZoneOf } from './time-zone.js';

/** A wall clock to print. */
interface Clock {
  readonly ms: number;
  readonly offsetMs: number;
  readonly days: number;
  readonly msOfDay: number;
  readonly date: CivilDate;
}

type Printer = (clock: Clock) => string;

/**
 * Prints instants after a Joda-time pattern, names in English, on the wall clock of a zone.
 * Throws UserError for a bad pattern or zone.
 */
export function jodaFormatter(
  pattern: string,
  timeZone: string,
  field = 'format',
): (ms: number) => string {
  const zone = timeZoneOf(timeZone);
  const printers = parsePattern(pattern, field).map((token) => printerOf(token, zone));
  let days = 0;
  let date = civilOfDays(days);
  return (ms) => {
    const offsetMs = zone.offsetAt(ms);
    const local = ms + offsetMs;
    const newDays = Math.floor(local / DAY_MS);
    if (newDays !== days) {
      days = newDays;
      date = civilOfDays(days);
    }
    const clock = { ms, offsetMs, days, msOfDay: local - days * DAY_MS, date };
    let text = '';
    for (const print of printers) text += print(clock);
    return text;
  };
}

function printerOf(token: PatternToken, zone: TimeZone): Printer {
  if (token.kind === 'text') return () => token.text;
  const { letter, count } = token;
  const number = NUMBERS.get(letter);
  if (number === undefined || (letter === 'M' && count >= 3)) return nameOf(letter, count, zone);
  if (count === 2 && 'yYx'.includes(letter))
    return (clock) => padded(Math.abs(number(clock)) % 100, 2);
  return (clock) => signed(number(clock), count);
}

const signed = (value: number, width: number): string =>
  value < 0 ? `-${padded(-value, width)}` : padded(value, width);

const hourOf = (clock: Clock): number => Math.floor(clock.msOfDay / HOUR_MS);

const NUMBERS: ReadonlyMap<string, (clock: Clock) => number> = new Map([
  ['C', (clock) => Math.floor(Math.abs(clock.date.year) / 100)],
  ['Y', ({ date: { year } }) => (year > 0 ? year : 1 - year)],
  ['y', (clock) => clock.date.year],
  ['x', (clock) => isoWeekOfDays(clock.days).weekYear],
  ['w', (clock) => isoWeekOfDays(clock.days).week],
  ['e', (clock) => weekdayOfDays(clock.days)],
  ['D', (clock) => dayOfYear(clock.days)],
  ['M', (clock) => clock.date.month],
  ['d', (clock) => clock.date.day],
  ['H', hourOf],
  ['k', (clock) => hourOf(clock) || 24],
  ['K', (clock) => hourOf(clock) % 12],
  ['h', (clock) => hourOf(clock) % 12 || 12],
  ['m', (clock) => Math.floor(clock.msOfDay / MINUTE_MS) % 60],
  ['s', (clock) => Math.floor(clock.msOfDay / SECOND_MS) % 60],
]);

/** The fields that are not plain numbers. */
function nameOf(letter: string, count: number, zone: TimeZone): Printer {
  switch (letter) {
    case 'G':
      return (clock) => (clock.date.year > 0 ? 'AD' : 'BC');
    case 'a':
      return (clock) => (hourOf(clock) < 12 ? 'AM' : 'PM');
    case 'M':
      return named(MONTHS, count, (clock) => clock.date.month);
    case 'E':
      return named(WEEKDAYS, count, (clock) => weekdayOfDays(clock.days));
    case 'S':
      return (clock) =>
        padded(clock.msOfDay % SECOND_MS, 3)
          .padEnd(count, '0')
          .slice(0, count);
    case 'z':
      return zoneName(zone, count >= 4 ? 'long' : 'short');
    default:
      if (count >= 3) return () => zone.id;
      return (clock) => formatOffset(clock.offsetMs, count === 1 ? '' : ':');
  }
}

function named(
  names: readonly string[],
  count: number,
  indexFrom1: (clock: Clock) => number,
): Printer {
  const shown = count >= 4 ? names : names.map(short);
  return (clock) => shown[indexFrom1(clock) - 1] ?? '';
}

/** The last instant that `Intl` knows. */
const DATE_MAX_MS = 8.64e15;

/** `PST`, `Pacific Standard Time`: asked of `Intl` once for every stretch with one offset. */
function zoneName(zone: TimeZone, style: 'long' | 'short'): Printer {
  if (zone.fixedOffsetMs !== null && zone.fixedOffsetMs !== 0) return () => zone.id;
  const timeZone = zone.fixedOffsetMs === 0 ? 'UTC' : zone.id;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: style });
  let known = { startMs: 0, endMs: 0 };
  let name = '';
  return ({ ms }) => {
    if (ms >= known.startMs && ms < known.endMs) return name;
    known = zone.rangeAt(ms);
    const asked = Math.max(-DATE_MAX_MS, Math.min(DATE_MAX_MS, ms));
    name = format.formatToParts(asked).find((part) => part.type === 'timeZoneName')?.value ?? '';
    return name;
  };
}
