import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import {
  addMonths,
  civilOfDays,
  DAY_MS,
  dayOfYear,
  daysInMonth,
  daysOfCivil,
  daysOfWeekYear,
  isLeapYear,
  isoWeekOfDays,
  weekdayOfDays,
} from './civil.js';

const epoch = Temporal.PlainDate.from('1970-01-01');
/** Days that Temporal can represent. */
const day = fc.oneof(
  fc.integer({ min: -99_000_000, max: 99_000_000 }),
  fc.integer({ min: -40_000, max: 40_000 }),
);

test('every field of a day agrees with Temporal', () => {
  fc.assert(
    fc.property(day, (days) => {
      const date = epoch.add({ days });
      expect(civilOfDays(days)).toEqual({ year: date.year, month: date.month, day: date.day });
      expect(daysOfCivil(date.year, date.month, date.day)).toBe(days);
      expect(weekdayOfDays(days)).toBe(date.dayOfWeek);
      expect(dayOfYear(days)).toBe(date.dayOfYear);
      expect(isoWeekOfDays(days)).toEqual({ weekYear: date.yearOfWeek, week: date.weekOfYear });
      expect(daysInMonth(date.year, date.month)).toBe(date.daysInMonth);
      expect(isLeapYear(date.year)).toBe(date.inLeapYear);
    }),
    { numRuns: 2000 },
  );
});

test('days and dates are inverse over all of Druid’s time, and the next day is the next date', () => {
  const far = fc.integer({ min: -53_375_995_584, max: 53_375_995_583 });
  fc.assert(
    fc.property(far, (days) => {
      const { year, month, day } = civilOfDays(days);
      expect(daysOfCivil(year, month, day)).toBe(days);
      const isLast = day === daysInMonth(year, month);
      const next = civilOfDays(days + 1);
      expect(next.day).toBe(isLast ? 1 : day + 1);
      expect(next.month).toBe(isLast ? (month % 12) + 1 : month);
      expect(next.year).toBe(isLast && month === 12 ? year + 1 : year);
    }),
    { numRuns: 2000 },
  );
});

test('addMonths agrees with Temporal', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -4_000_000, max: 4_000_000 }),
      fc.nat(DAY_MS - 1),
      fc.integer({ min: -5000, max: 5000 }),
      (days, clockMs, months) => {
        const date = epoch.add({ days }).add({ months });
        expect(addMonths(days * DAY_MS + clockMs, months)).toBe(
          daysOfCivil(date.year, date.month, date.day) * DAY_MS + clockMs,
        );
      },
    ),
  );
});

test('a week-year starts on the Monday of its week 1', () => {
  for (let year = 1900; year <= 2100; year++) {
    expect(isoWeekOfDays(daysOfWeekYear(year))).toEqual({ weekYear: year, week: 1 });
    expect(weekdayOfDays(daysOfWeekYear(year))).toBe(1);
    expect(isoWeekOfDays(daysOfWeekYear(year) - 1).weekYear).toBe(year - 1);
  }
});
