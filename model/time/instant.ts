/**
 * ISO-8601 text of instants, as lenient as Joda-time, for all of Druid's time: -2^62 to 2^62-1 ms.
 *
 * Beyond 2^53 ms a double is no longer exact to the millisecond; sums there go through BigInt so
 * that the two ends of eternity read and print exactly.
 */
import {
  addMonths,
  civilOfDays,
  DAY_MS,
  daysInMonth,
  daysOfCivil,
  daysOfWeekYear,
  HOUR_MS,
  isLeapYear,
  MINUTE_MS,
  SECOND_MS,
} from './civil.js';
import { parseOffset, type TimeZone, timeZoneOf, UTC } from './time-zone.js';

/** Java's `Long.MIN_VALUE / 2`: the first instant there is. */
export const MIN_INSTANT_MS = -(2 ** 62);
/** `Long.MAX_VALUE / 2`, which as a double is 2^62: the last instant there is. */
export const MAX_INSTANT_MS = 2 ** 62;

export const clampInstant = (ms: number): number =>
  Math.min(MAX_INSTANT_MS, Math.max(MIN_INSTANT_MS, ms));

/** `days` since the epoch and `msOfDay` to milliseconds, rounded once, cut to the instants there are. */
export function instantOfDays(days: number, msOfDay: number): number {
  const ms = days * DAY_MS + msOfDay;
  if (Number.isSafeInteger(ms)) return ms;
  return clampInstant(Number(BigInt(days) * BigInt(DAY_MS) + BigInt(msOfDay)));
}

/** Splits milliseconds since the epoch into whole days and the rest, also where doubles are coarse. */
function daysOfInstant(ms: number): { days: number; msOfDay: number } {
  if (Number.isSafeInteger(ms)) {
    const days = Math.floor(ms / DAY_MS);
    return { days, msOfDay: ms - days * DAY_MS };
  }
  const exact =
    ms >= MAX_INSTANT_MS ? 2n ** 62n - 1n : BigInt(Math.trunc(Math.max(ms, MIN_INSTANT_MS)));
  const day = BigInt(DAY_MS);
  const msOfDay = ((exact % day) + day) % day;
  return { days: Number((exact - msOfDay) / day), msOfDay: Number(msOfDay) };
}

/** Which character may stand between date and time. */
export type Separator = 'T' | 'T or blank';

/**
 * The instant of an ISO-8601 text, or null. Date alone or in part (`2020`, `2020-01`), ordinal
 * (`2020-123`) or week (`2020-W05-1`); then `T` or a blank, hours and what follows them, a fraction
 * of the last field; then an offset. Without an offset the wall clock is that of `timeZone`.
 */
export function parseInstant(text: string, timeZone = 'UTC'): number | null {
  return parseIso(text, timeZone === 'UTC' ? UTC : timeZoneOf(timeZone), 'T or blank');
}

/** `parseInstant` with the zone looked up beforehand and a choice of separator. */
export function parseIso(text: string, zone: TimeZone, separator: Separator): number | null {
  const fast = parseCommonForm(text, separator);
  if (fast !== null) return fast;
  const match = ISO.exec(text);
  if (match === null || (separator === 'T' && text.includes(' '))) return null;
  const fields = match.groups!;
  const days = daysOfFields(fields);
  const msOfDay = timeOfFields(fields);
  if (days === null || msOfDay === null) return null;
  const local = instantOfDays(days, msOfDay);
  if (fields.offset === undefined) return clampInstant(zone.instantOfLocal(local));
  const offset = /^z$/i.test(fields.offset) ? 0 : parseOffset(fields.offset);
  if (offset === null) return null;
  return offset === 0 ? local : clampInstant(local - offset);
}

const ISO =
  /^(?<year>[+-]?\d{1,9})(?:-(?<month>\d{1,2})(?:-(?<day>\d{1,2}))?|-(?<dayOfYear>\d{3})|-W(?<week>\d{1,2})(?:-(?<weekday>[1-7]))?)?(?:[T ](?:(?<hour>\d{1,2})(?::(?<minute>\d{1,2})(?::(?<second>\d{1,2}))?)?(?:[.,](?<fraction>\d{1,9}))?)? ?(?<offset>Z|[+-][\d:]{2,8})?)?$/i;

type Fields = Readonly<Record<string, string | undefined>>;

/** The day that the date fields name, or null when there is no such day. */
function daysOfFields(fields: Fields): number | null {
  const year = Number(fields.year);
  if (fields.week !== undefined) {
    const weekStart = daysOfWeekYear(year) + (Number(fields.week) - 1) * 7;
    const inYear = weekStart >= daysOfWeekYear(year) && weekStart < daysOfWeekYear(year + 1);
    return inYear ? weekStart + Number(fields.weekday ?? 1) - 1 : null;
  }
  if (fields.dayOfYear !== undefined) {
    const dayOfYear = Number(fields.dayOfYear);
    if (dayOfYear < 1 || dayOfYear > (isLeapYear(year) ? 366 : 365)) return null;
    return daysOfCivil(year, 1, 1) + dayOfYear - 1;
  }
  return daysOfDate(year, Number(fields.month ?? 1), Number(fields.day ?? 1));
}

function daysOfDate(year: number, month: number, day: number): number | null {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return null;
  return daysOfCivil(year, month, day);
}

/** Milliseconds since midnight, or null when a field is too large. */
function timeOfFields(fields: Fields): number | null {
  const hour = Number(fields.hour ?? 0);
  const minute = Number(fields.minute ?? 0);
  const second = Number(fields.second ?? 0);
  if (hour > 23 || minute > 59 || second > 59) return null;
  const whole = hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS;
  const { fraction } = fields;
  if (fraction === undefined) return whole;
  const inMinute = fields.second === undefined ? MINUTE_MS : SECOND_MS;
  const unit = fields.minute === undefined ? HOUR_MS : inMinute;
  return whole + Math.floor((Number(fraction) * unit) / 10 ** fraction.length);
}

const DASH = 45;
const COLON = 58;
const DOT = 46;

/** `yyyy-MM-ddTHH:mm:ssZ` and `….SSSZ` without a regular expression; null sends the text on to it. */
function parseCommonForm(text: string, separator: Separator): number | null {
  const { length } = text;
  if ((length !== 20 && length !== 24) || text.charCodeAt(length - 1) !== 90) return null;
  const between = text.charCodeAt(10);
  if (between !== 84 && (between !== 32 || separator === 'T')) return null;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return null;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return null;
  const days = daysOfDate(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10));
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  if (days === null || !(hour <= 23 && minute <= 59 && second <= 59)) return null;
  const millis = length === 20 ? 0 : text.charCodeAt(19) === DOT ? digits(text, 20, 23) : NaN;
  const ms = days * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + millis;
  return Number.isNaN(ms) ? null : ms;
}

/** The number written by the digits in [start, end); NaN when another character is among them. */
function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** `2020-01-01T00:00:00.000Z`; in another zone the wall clock and its offset, `…-08:00`. */
export function formatInstant(ms: number, timeZone = 'UTC'): string {
  return formatIso(ms, timeZone === 'UTC' ? UTC : timeZoneOf(timeZone));
}

/** `formatInstant` with the zone looked up beforehand. */
function formatIso(ms: number, zone: TimeZone): string {
  const offset = zone.offsetAt(ms);
  const { days, msOfDay } = daysOfInstant(offset === 0 ? ms : ms + offset);
  const { year, month, day } = civilOfDays(days);
  const hour = Math.floor(msOfDay / HOUR_MS);
  const minute = Math.floor(msOfDay / MINUTE_MS) % 60;
  const second = Math.floor(msOfDay / SECOND_MS) % 60;
  const date = `${formatYear(year)}-${pad2(month)}-${pad2(day)}`;
  const time = `${pad2(hour)}:${pad2(minute)}:${pad2(second)}.${padded(msOfDay % 1000, 3)}`;
  return `${date}T${time}${offset === 0 ? 'Z' : formatOffset(offset, ':')}`;
}

/** At least four digits, with a minus sign before year 0. */
function formatYear(year: number): string {
  return year < 0 ? `-${padded(-year, 4)}` : padded(year, 4);
}

const TWO_DIGITS = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'));

/** Two digits for 0–99. */
const pad2 = (value: number): string => TWO_DIGITS[value] ?? String(value);

/** A whole number of 0 or more, with zeros in front up to `width` digits. */
export function padded(value: number, width: number): string {
  if (width === 2) return pad2(value);
  const text = String(value);
  return text.length >= width ? text : text.padStart(width, '0');
}

/** `+05:30`; seconds only where a zone has them. */
export function formatOffset(offsetMs: number, colon: '' | ':'): string {
  const size = Math.abs(offsetMs);
  const seconds = Math.floor(size / SECOND_MS) % 60;
  const minutes = Math.floor(size / MINUTE_MS) % 60;
  const head = `${offsetMs < 0 ? '-' : '+'}${pad2(Math.floor(size / HOUR_MS))}${colon}${pad2(minutes)}`;
  return seconds === 0 ? head : `${head}${colon}${pad2(seconds)}`;
}

/**
 * Whole calendar months from `fromMs` to `toMs` in a zone, toward zero: the most months that can be
 * added without passing the end. The last day of a shorter month completes a month.
 */
export function monthsBetween(fromMs: number, toMs: number, timeZone: string): number {
  const zone = timeZoneOf(timeZone);
  const from = zone.localOf(fromMs);
  const to = zone.localOf(toMs);
  return from <= to ? wholeMonths(from, to) : -wholeMonths(to, from) + 0;
}

function wholeMonths(fromLocalMs: number, toLocalMs: number): number {
  const months = monthNumber(toLocalMs) - monthNumber(fromLocalMs);
  return addMonths(fromLocalMs, months) > toLocalMs ? months - 1 : months;
}

/** Months since year 0. */
export function monthNumber(localMs: number): number {
  const { year, month } = civilOfDays(Math.floor(localMs / DAY_MS));
  return year * 12 + month - 1;
}
