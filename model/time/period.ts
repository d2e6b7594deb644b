import { addMonths, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './civil.js';
import { clampInstant } from './instant.js';
import { type TimeZone, timeZoneOf } from './time-zone.js';

/** An ISO-8601 period: calendar parts, whose length depends on where they are added, and clock parts. */
export interface Period {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly millis: number;
}

const PERIOD =
  /^P(?:([+-]?\d+)Y)?(?:([+-]?\d+)M)?(?:([+-]?\d+)W)?(?:([+-]?\d+)D)?(?:T(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-]?\d+)(?:[.,](\d{1,9}))?S)?)?$/i;

/** Reads `P1Y2M3W4DT5H6M7.008S`; any part may be missing or negative, one must be there. Null when it is not a period. */
export function parsePeriod(text: string): Period | null {
  const match = PERIOD.exec(text);
  if (match === null || !/\d/.test(text) || /T$/i.test(text)) return null;
  const part = (i: number) => Number(match[i] ?? 0) + 0;
  const millis = Number((match[8] ?? '').padEnd(3, '0').slice(0, 3));
  const period: Period = {
    years: part(1),
    months: part(2),
    weeks: part(3),
    days: part(4),
    hours: part(5),
    minutes: part(6),
    seconds: part(7),
    millis: match[7]?.startsWith('-') ? -millis + 0 : millis,
  };
  // Java's int fields: nothing longer can be meant.
  return Object.values(period).every((value) => Math.abs(value) < 2 ** 31) ? period : null;
}

export const monthsOf = (period: Period): number => period.years * 12 + period.months;

/** Weeks and days, as days. */
export const daysOf = (period: Period): number => period.weeks * 7 + period.days;

/** The clock parts in milliseconds. */
export const clockMsOf = (period: Period): number =>
  period.hours * HOUR_MS + period.minutes * MINUTE_MS + period.seconds * SECOND_MS + period.millis;

/**
 * Adds `count` (which may be negative) periods to an instant. Years, months, weeks and days move the
 * local calendar, in this order, each cut to the length of its month; hours and smaller then move
 * the instant. A local time that happens twice keeps the offset it came with when it can; one that
 * is skipped moves forward.
 */
export function shiftByPeriod(ms: number, period: Period, count: number, timeZone: string): number {
  return shiftInZone(ms, period, count, timeZoneOf(timeZone));
}

/** `shiftByPeriod` with the zone looked up beforehand. */
export function shiftInZone(ms: number, period: Period, count: number, zone: TimeZone): number {
  const { years, months } = period;
  const days = daysOf(period);
  let instant = ms;
  if (years !== 0 || months !== 0 || days !== 0) {
    const offset = zone.offsetAt(ms);
    let local = ms + offset;
    if (years !== 0) local = addMonths(local, years * 12 * count);
    if (months !== 0) local = addMonths(local, months * count);
    local += days * count * DAY_MS;
    instant =
      zone.offsetAt(local - offset) === offset ? local - offset : zone.instantOfLocal(local);
  }
  return clampInstant(instant + clockMsOf(period) * count);
}
