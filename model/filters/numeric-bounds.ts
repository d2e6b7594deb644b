import type { Long } from '../../core/index.js';
import { type Decimal, decimalFloor, isIntegral, parseDecimal, parseDouble } from '../decimal.js';
import { compareNumbers } from '../ordering.js';
import type { ScalarType } from '../types.js';
import { type ElementTest, NEVER, unlessNull } from './column-filter.js';
import { type NumberRange, type NumberTest, type Ternary, UNKNOWN } from './filter.js';

/** Both ends of a range as text; null where open. */
export interface Bounds {
  readonly lower: string | null;
  readonly upper: string | null;
  readonly lowerStrict: boolean;
  readonly upperStrict: boolean;
}

/** The whole numbers within bounds, both ends inclusive, null where open; null when there are none. */
export interface LongRange {
  readonly min: Long | null;
  readonly max: Long | null;
}

/**
 * What bounds mean for 64-bit integers, exactly: a fraction is rounded inwards. Text that is no
 * number sorts before every number: as a lower bound it excludes nothing, as an upper one everything.
 */
export function longRange(bounds: Bounds): LongRange | null {
  const upper = bounds.upper === null ? null : parseDecimal(bounds.upper);
  if (bounds.upper !== null && upper === null) return null;
  const lower = bounds.lower === null ? null : parseDecimal(bounds.lower);
  const min = lower === null ? null : smallest(lower, bounds.lowerStrict);
  const max = upper === null ? null : largest(upper, bounds.upperStrict);
  return min !== null && max !== null && min > max ? null : { min, max };
}

function smallest(bound: Decimal, strict: boolean): Long {
  const floor = decimalFloor(bound);
  return isIntegral(bound) && !strict ? floor : next(floor, 1);
}

function largest(bound: Decimal, strict: boolean): Long {
  const floor = decimalFloor(bound);
  return isIntegral(bound) && strict ? next(floor, -1) : floor;
}

/** The neighbour; an infinity has none. May leave the 64-bit range, which is right for a bound. */
function next(value: Long, by: 1 | -1): Long {
  if (typeof value === 'bigint') return value + BigInt(by);
  return Number.isSafeInteger(value) ? value + by : value;
}

/** Tests numbers of a column of the type against the bounds, unknown for null. */
export function numericRangeTest(bounds: Bounds, type: Exclude<ScalarType, 'STRING'>): ElementTest {
  if (type === 'LONG') {
    const range = longRange(bounds);
    if (range === null) return NEVER;
    const min = range.min ?? Number.NEGATIVE_INFINITY;
    const max = range.max ?? Number.POSITIVE_INFINITY;
    return unlessNull((value) => (value as Long) >= min && (value as Long) <= max);
  }
  return doubleRangeTest(bounds, type === 'FLOAT' ? Math.fround : (value) => value);
}

/** The same test as data. Null where a bound is no number that a column of the type could have. */
export function numericRangeForm(
  bounds: Bounds,
  type: Exclude<ScalarType, 'STRING'>,
  forNull: Ternary = UNKNOWN,
): NumberTest | null {
  const ranges = type === 'LONG' ? longRanges(bounds) : doubleRanges(bounds, type);
  return ranges === null ? null : { ranges, points: [], forNull };
}

function longRanges(bounds: Bounds): NumberRange[] {
  const range = longRange(bounds);
  if (range === null) return [];
  return [{ lower: range.min, upper: range.max, lowerStrict: false, upperStrict: false }];
}

function doubleRanges(bounds: Bounds, type: 'DOUBLE' | 'FLOAT'): NumberRange[] | null {
  const { lowerStrict, upperStrict } = bounds;
  const lower = bounds.lower === null ? null : parseDouble(bounds.lower);
  const upper = bounds.upper === null ? null : parseDouble(bounds.upper);
  if (bounds.upper !== null && upper === null) return [];
  if (Number.isNaN(lower) || Number.isNaN(upper)) return null;
  const round = (bound: number | null) =>
    bound === null || type === 'DOUBLE' ? bound : Math.fround(bound);
  return [{ lower: round(lower), upper: round(upper), lowerStrict, upperStrict }];
}

/** The bounds are rounded to the column's precision, so that 1.1 bounds the FLOAT 1.1. */
function doubleRangeTest(bounds: Bounds, round: (value: number) => number): ElementTest {
  const { lowerStrict, upperStrict } = bounds;
  const lower = bounds.lower === null ? null : parseDouble(bounds.lower);
  const upper = bounds.upper === null ? null : parseDouble(bounds.upper);
  if (bounds.upper !== null && upper === null) return NEVER;
  return unlessNull((value) => {
    const number = value as number;
    if (lower !== null) {
      const order = compareNumbers(number, round(lower));
      if (lowerStrict ? order <= 0 : order < 0) return false;
    }
    if (upper === null) return true;
    const order = compareNumbers(number, round(upper));
    return upperStrict ? order < 0 : order <= 0;
  });
}
