/**
 * The proleptic Gregorian calendar in pure arithmetic.
 *
 * A `day` is the count of days since 1970-01-01; months are 1–12, days of the month 1–31, days of the
 * week 1 (Monday) – 7 (Sunday). Years are astronomical: 0 is 1 BC. Exact for every year whose first
 * millisecond a 64-bit integer can hold, far beyond what `Date` can do.
 */

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export interface IsoWeek {
  readonly weekYear: number;
  /** 1–53; week 1 holds the year's first Thursday. */
  readonly week: number;
}

/** Days from 0000-03-01 to 1970-01-01: years counted from March end with their leap day. */
const MARCH_EPOCH_DAYS = 719_468;
const CYCLE_DAYS = 146_097;

/** Remainder with the sign of the (positive) divisor; never -0. */
export function floorMod(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor + 0;
}

/**
 * Days since the epoch of a date. Month and day must be in range.
 * After Neri and Schneider, "Euclidean affine functions and their application to calendar
 * algorithms" (2022), with floors in place of unsigned division so that any year will do.
 */
export function daysOfCivil(year: number, month: number, day: number): number {
  const early = month <= 2;
  const marchYear = early ? year - 1 : year;
  const marchMonth = early ? month + 12 : month;
  const century = Math.floor(marchYear / 100);
  const daysOfYears = Math.floor((1461 * marchYear) / 4) - century + Math.floor(century / 4);
  return daysOfYears + ((979 * marchMonth - 2919) >> 5) + day - 1 - MARCH_EPOCH_DAYS;
}

/** The inverse of `daysOfCivil`; the same paper. */
export function civilOfDays(days: number): CivilDate {
  const quarterDays = 4 * (days + MARCH_EPOCH_DAYS) + 3;
  const century = Math.floor(quarterDays / CYCLE_DAYS);
  const inCentury = (((quarterDays - century * CYCLE_DAYS) >> 2) << 2) + 3;
  const yearOfCentury = (inCentury / 1461) | 0;
  const dayOfYear = (inCentury - yearOfCentury * 1461) >> 2;
  const packed = 2141 * dayOfYear + 197_913;
  const late = dayOfYear >= 306;
  return {
    year: 100 * century + yearOfCentury + (late ? 1 : 0),
    month: (packed >> 16) - (late ? 12 : 0),
    day: (((packed & 0xffff) / 2141) | 0) + 1,
  };
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return 30 + ((month + (month >> 3)) & 1);
}

/** 1 (Monday) – 7 (Sunday). */
export function weekdayOfDays(days: number): number {
  return floorMod(days + 3, 7) + 1;
}

/** 1–366. */
export function dayOfYear(days: number): number {
  return days - daysOfCivil(civilOfDays(days).year, 1, 1) + 1;
}

export function isoWeekOfDays(days: number): IsoWeek {
  const thursday = days + 4 - weekdayOfDays(days);
  const weekYear = civilOfDays(thursday).year;
  const week = Math.floor((thursday - daysOfCivil(weekYear, 1, 1)) / 7) + 1;
  return { weekYear, week };
}

/** The Monday of ISO week 1 of `weekYear`. */
export function daysOfWeekYear(weekYear: number): number {
  const fourth = daysOfCivil(weekYear, 1, 4);
  return fourth + 1 - weekdayOfDays(fourth);
}

/** A calendar date and time read as if it were UTC, moved by months; the day is cut to the month's length. */
export function addMonths(localMs: number, months: number): number {
  const days = Math.floor(localMs / DAY_MS);
  const { year, month, day } = civilOfDays(days);
  const total = year * 12 + month - 1 + months;
  const newYear = Math.floor(total / 12);
  const newMonth = total - newYear * 12 + 1;
  const newDay = Math.min(day, daysInMonth(newYear, newMonth));
  return localMs + (daysOfCivil(newYear, newMonth, newDay) - days) * DAY_MS;
}
