import { UserError } from '../../core/index.js';
import {
  civilOfDays,
  DAY_MS,
  dayOfYear,
  floorMod,
  HOUR_MS,
  isoWeekOfDays,
  MINUTE_MS,
  SECOND_MS,
  weekdayOfDays,
} from './civil.js';
import { timeZoneOf } from './time-zone.js';

/** What a unit of `timestamp_extract` takes from an instant. */
interface TimeUnit {
  readonly type: 'LONG' | 'DOUBLE';
  /** `localMs` is the wall clock of the zone, read as if it were UTC. */
  of(localMs: number, ms: number): number;
}

const ofDays = (fn: (days: number) => number): TimeUnit => ({
  type: 'LONG',
  of: (localMs) => fn(Math.floor(localMs / DAY_MS)),
});

const ofClock = (unitMs: number, count: number): TimeUnit => ({
  type: 'LONG',
  of: (localMs) => floorMod(Math.floor(localMs / unitMs), count),
});

/** Division that drops the remainder, as Java's does; never -0. */
const whole = (value: number, divisor: number): number => Math.trunc(value / divisor) + 0;

const year = (days: number): number => civilOfDays(days).year;

/** Years of `size` counted from 1, so that 2000 is in the 20th century. Druid gives these as doubles. */
const yearsUp = (size: number): TimeUnit => ({
  type: 'DOUBLE',
  of: (localMs) => Math.ceil(year(Math.floor(localMs / DAY_MS)) / size) + 0,
});

/**
 * The units by name. Days of the week are 1 (Monday) – 7 (Sunday) under both names. ISOYEAR is the
 * calendar year and MICROSECOND the epoch's seconds by a thousand: that is what Druid answers.
 */
const UNITS: ReadonlyMap<string, TimeUnit> = new Map<string, TimeUnit>([
  ['EPOCH', { type: 'LONG', of: (_local, ms) => whole(ms, SECOND_MS) }],
  ['MICROSECOND', { type: 'LONG', of: (_local, ms) => whole(ms, SECOND_MS * 1000) }],
  ['MILLISECOND', ofClock(1, 1000)],
  ['SECOND', ofClock(SECOND_MS, 60)],
  ['MINUTE', ofClock(MINUTE_MS, 60)],
  ['HOUR', ofClock(HOUR_MS, 24)],
  ['DAY', ofDays((days) => civilOfDays(days).day)],
  ['DOW', ofDays(weekdayOfDays)],
  ['ISODOW', ofDays(weekdayOfDays)],
  ['DOY', ofDays(dayOfYear)],
  ['WEEK', ofDays((days) => isoWeekOfDays(days).week)],
  ['MONTH', ofDays((days) => civilOfDays(days).month)],
  ['QUARTER', ofDays((days) => Math.ceil(civilOfDays(days).month / 3))],
  ['YEAR', ofDays(year)],
  ['ISOYEAR', ofDays(year)],
  ['DECADE', ofDays((days) => whole(year(days), 10))],
  ['CENTURY', yearsUp(100)],
  ['MILLENNIUM', yearsUp(1000)],
]);

/** True for the name of a unit, in any case. */
export const isTimeUnit = (unit: string): boolean => UNITS.has(unit.toUpperCase());

/** The type of what a unit extracts. Throws UserError when there is no such unit. */
export const timeUnitType = (unit: string): 'LONG' | 'DOUBLE' => unitOf(unit).type;

/** A function that extracts `unit` in a zone; both are looked up once. Throws UserError for unknown ones. */
export function timeUnitExtractor(unit: string, timeZone: string): (ms: number) => number {
  const { of } = unitOf(unit);
  const zone = timeZoneOf(timeZone);
  return (ms) => of(zone.localOf(ms), ms);
}

/** One field of an instant's wall clock: `timeUnitExtractor` for a single use. */
export function extractTimeUnit(ms: number, unit: string, timeZone: string): number {
  return timeUnitExtractor(unit, timeZone)(ms);
}

function unitOf(unit: string): TimeUnit {
  const found = UNITS.get(unit.toUpperCase());
  if (found !== undefined) return found;
  throw new UserError(
    `unit: there is no time unit ${JSON.stringify(unit)}; use one of ${[...UNITS.keys()].join(', ')}`,
    'query',
    'unit',
  );
}
