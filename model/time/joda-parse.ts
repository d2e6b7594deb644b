import {
  daysInMonth,
  daysOfCivil,
  daysOfWeekYear,
  HOUR_MS,
  isLeapYear,
  MINUTE_MS,
  SECOND_MS,
  weekdayOfDays,
} from './civil.js';
import { clampInstant, instantOfDays } from './instant.js';
import {
  isNumeric,
  MONTHS,
  type PatternToken,
  parsePattern,
  short,
  WEEKDAYS,
} from './joda-pattern.js';
import { findTimeZone, parseOffset, type TimeZone, timeZoneOf } from './time-zone.js';

/** What a text has told so far: numbers by pattern letter (M and E also from names), and its zone. */
interface Found {
  readonly numbers: Map<string, number>;
  zone: TimeZone;
}

/** Reads at `at` and returns where it stopped, or -1 when the text does not fit. */
type Reader = (text: string, at: number, found: Found) => number;

/**
 * Reads texts after a Joda-time pattern; null for a text that does not fit it in full or names no
 * date. Names in English, case ignored. What is missing is taken from 1970-01-01T00:00 (the year
 * 2000 if there is a month or day); a text without a zone is a wall clock of `timeZone`.
 * Throws UserError for a bad pattern or zone.
 */
export function jodaParser(
  pattern: string,
  timeZone: string,
  field = 'format',
): (text: string) => number | null {
  const zone = timeZoneOf(timeZone);
  const tokens = parsePattern(pattern, field);
  const readers = tokens.map((token, i) => readerOf(token, isNumeric(tokens[i + 1])));
  return (text) => {
    const found: Found = { numbers: new Map(), zone };
    let at = 0;
    for (const read of readers) {
      at = read(text, at, found);
      if (at < 0) return null;
    }
    return at === text.length ? resolve(found) : null;
  };
}

/** The most digits that a field may take. */
const DIGITS_MAX: ReadonlyMap<string, number> = new Map([
  ['w', 2],
  ['e', 1],
  ['D', 3],
  ['M', 2],
  ['d', 2],
  ['H', 2],
  ['k', 2],
  ['K', 2],
  ['h', 2],
  ['m', 2],
  ['s', 2],
]);

function readerOf(token: PatternToken, beforeDigits: boolean): Reader {
  if (token.kind === 'text') return textReader(token.text);
  const { letter, count } = token;
  switch (letter) {
    case 'G':
      return nameReader(letter, ['BC', 'AD'], 0);
    case 'a':
      return nameReader(letter, ['AM', 'PM'], 0);
    case 'E':
      return nameReader(letter, WEEKDAYS, 1);
    case 'S':
      return fractionReader(count);
    case 'z':
      return zoneReader(zoneOfName);
    case 'Z':
      return count >= 3 ? zoneReader(findTimeZone) : offsetReader;
    case 'y':
    case 'Y':
    case 'x':
      if (count === 2) return twoDigitYearReader(letter, beforeDigits);
      return numberReader(letter, beforeDigits ? count : 9, true);
    default:
      if (letter === 'M' && count >= 3) return nameReader(letter, MONTHS, 1);
      return numberReader(letter, DIGITS_MAX.get(letter) ?? count, false);
  }
}

function textReader(wanted: string): Reader {
  const folded = wanted.toLowerCase();
  return (text, at) => {
    const end = at + wanted.length;
    return text.slice(at, end).toLowerCase() === folded ? end : -1;
  };
}

const PLUS = 43;
const MINUS = 45;
const ZERO = 48;

function numberReader(letter: string, digitsMax: number, mayHaveSign: boolean): Reader {
  return (text, at, found) => {
    const sign = mayHaveSign ? text.charCodeAt(at) : 0;
    const start = sign === PLUS || sign === MINUS ? at + 1 : at;
    let value = 0;
    let end = start;
    for (; end < start + digitsMax; end++) {
      const digit = text.charCodeAt(end) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    if (end === start) return -1;
    found.numbers.set(letter, sign === MINUS ? 0 - value : value);
    return end;
  };
}

function matchAt(sticky: RegExp, text: string, at: number): string | null {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0] ?? null;
}

/** The first year that two digits can mean: Joda takes the hundred years around thirty years ago. */
const TWO_DIGITS_FROM = 1945;

/** Two digits are a year of 1945–2044; any other number of digits, where nothing follows, is the year itself. */
function twoDigitYearReader(letter: string, beforeDigits: boolean): Reader {
  const number = beforeDigits ? /\d\d/y : /[+-]?\d{1,9}/y;
  return (text, at, found) => {
    const digits = matchAt(number, text, at);
    if (digits === null) return -1;
    const value = Number(digits) + 0;
    const short = /^\d\d$/.test(digits);
    const inCentury = 1900 + value;
    const year = inCentury < TWO_DIGITS_FROM ? inCentury + 100 : inCentury;
    found.numbers.set(letter, short ? year : value);
    return at + digits.length;
  };
}

/** Milliseconds from up to `digitsMax` digits after the second; what is finer is dropped. */
function fractionReader(digitsMax: number): Reader {
  const number = new RegExp(`\\d{1,${digitsMax}}`, 'y');
  return (text, at, found) => {
    const digits = matchAt(number, text, at);
    if (digits === null) return -1;
    found.numbers.set('S', Number(digits.padEnd(3, '0').slice(0, 3)));
    return at + digits.length;
  };
}

/** A name in full or its first three letters; the value is its index plus `base`. */
function nameReader(letter: string, names: readonly string[], base: number): Reader {
  const folded = names.map((name) => name.toLowerCase());
  return (text, at, found) => {
    const rest = text.slice(at, at + 10).toLowerCase();
    const index = folded.findIndex((name) => rest.startsWith(short(name)));
    if (index < 0) return -1;
    found.numbers.set(letter, index + base);
    const full = folded[index]!;
    return at + (rest.startsWith(full) ? full.length : short(full).length);
  };
}

const OFFSET = /Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?/iy;

const offsetReader: Reader = (text, at, found) => {
  const offset = matchAt(OFFSET, text, at);
  const zone = offset === null ? null : findOffset(offset);
  if (offset === null || zone === null) return -1;
  found.zone = zone;
  return at + offset.length;
};

function findOffset(text: string): TimeZone | null {
  if (/^z$/i.test(text)) return findTimeZone('UTC');
  return parseOffset(text) === null ? null : findTimeZone(text);
}

const ZONE_WORD = /[A-Za-z0-9_+\-/:]+/y;

/** The longest word that `find` knows. */
function zoneReader(find: (name: string) => TimeZone | null): Reader {
  return (text, at, found) => {
    let word = matchAt(ZONE_WORD, text, at) ?? '';
    for (; word !== ''; word = word.slice(0, -1)) {
      const zone = find(word);
      if (zone === null) continue;
      found.zone = zone;
      return at + word.length;
    }
    return -1;
  };
}

/** The zone names that Joda reads. */
const ZONE_NAMES: ReadonlyMap<string, string> = new Map([
  ['UT', 'UTC'],
  ['UTC', 'UTC'],
  ['GMT', 'UTC'],
  ['EST', 'America/New_York'],
  ['EDT', 'America/New_York'],
  ['CST', 'America/Chicago'],
  ['CDT', 'America/Chicago'],
  ['MST', 'America/Denver'],
  ['MDT', 'America/Denver'],
  ['PST', 'America/Los_Angeles'],
  ['PDT', 'America/Los_Angeles'],
]);

/** True for a zone's abbreviation, such as `PST`. */
export const isZoneName = (name: string): boolean => ZONE_NAMES.has(name);

function zoneOfName(name: string): TimeZone | null {
  const id = ZONE_NAMES.get(name);
  return id === undefined ? null : findTimeZone(id);
}

function resolve(found: Found): number | null {
  const days = resolveDays(found.numbers);
  const msOfDay = resolveClock(found.numbers);
  if (days === null || msOfDay === null) return null;
  return clampInstant(found.zone.instantOfLocal(instantOfDays(days, msOfDay)));
}

function resolveDays(numbers: ReadonlyMap<string, number>): number | null {
  const weekday = numbers.get('e') ?? numbers.get('E');
  if (weekday !== undefined && (weekday < 1 || weekday > 7)) return null;
  const isCalendar = ['M', 'd', 'D'].some((letter) => numbers.has(letter));
  if (!isCalendar && (numbers.has('w') || numbers.has('x'))) {
    return resolveWeek(numbers, weekday ?? 1);
  }
  const days = resolveDate(numbers, resolveYear(numbers) ?? (isCalendar ? 2000 : 1970));
  if (days === null || weekday === undefined) return days;
  return days - weekdayOfDays(days) + weekday;
}

function resolveYear(numbers: ReadonlyMap<string, number>): number | undefined {
  const century = numbers.get('C');
  const year =
    numbers.get('y') ??
    numbers.get('Y') ??
    numbers.get('x') ??
    (century === undefined ? undefined : century * 100);
  const isBeforeChrist = numbers.get('G') === 0;
  return year !== undefined && isBeforeChrist && year > 0 ? 1 - year : year;
}

function resolveWeek(numbers: ReadonlyMap<string, number>, weekday: number): number | null {
  const weekYear = numbers.get('x') ?? resolveYear(numbers) ?? 2000;
  const first = daysOfWeekYear(weekYear);
  const monday = first + ((numbers.get('w') ?? 1) - 1) * 7;
  if (monday < first || monday >= daysOfWeekYear(weekYear + 1)) return null;
  return monday + weekday - 1;
}

function resolveDate(numbers: ReadonlyMap<string, number>, year: number): number | null {
  const dayOfYear = numbers.get('D');
  if (dayOfYear !== undefined && !numbers.has('M') && !numbers.has('d')) {
    if (dayOfYear < 1 || dayOfYear > (isLeapYear(year) ? 366 : 365)) return null;
    return daysOfCivil(year, 1, 1) + dayOfYear - 1;
  }
  const month = numbers.get('M') ?? 1;
  const day = numbers.get('d') ?? 1;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return daysOfCivil(year, month, day);
}

/** Milliseconds since midnight. */
function resolveClock(numbers: ReadonlyMap<string, number>): number | null {
  const hour = resolveHour(numbers);
  const minute = numbers.get('m') ?? 0;
  const second = numbers.get('s') ?? 0;
  if (hour === null || minute > 59 || second > 59) return null;
  return hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + (numbers.get('S') ?? 0);
}

/** From H (0–23), k (1–24), or K (0–11) or h (1–12) with the half of the day. */
function resolveHour(numbers: ReadonlyMap<string, number>): number | null {
  const [H, k, K, h] = ['H', 'k', 'K', 'h'].map((letter) => numbers.get(letter));
  if (H !== undefined) return H <= 23 ? H : null;
  if (k !== undefined) return k >= 1 && k <= 24 ? k % 24 : null;
  const half = (numbers.get('a') ?? 0) * 12;
  if (K !== undefined) return K <= 11 ? K + half : null;
  if (h !== undefined) return h >= 1 && h <= 12 ? (h % 12) + half : null;
  return half;
}
