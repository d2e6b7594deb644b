import { compareText, type Long } from '../../core/index.js';

/** A value and how often it came: at most `count` times, and at least `count - error`. */
export interface FrequentValue {
  readonly value: string | Long;
  readonly count: number;
  readonly error: number;
}

/** What a summary knows; entries by count, descending, equal ones by value, ascending. */
export interface FrequentState {
  readonly of: 'texts' | 'longs';
  readonly capacity: number;
  /** How much was added. */
  readonly total: number;
  /** How often a value that is no entry came, at most. */
  readonly absentCount: number;
  readonly entries: readonly FrequentValue[];
}

/** The most frequent first; of equal counts the smaller value. */
export function byCount(a: FrequentValue, b: FrequentValue): number {
  if (a.count !== b.count) return b.count - a.count;
  if (typeof a.value === 'string') return compareText(a.value, b.value as string);
  const [left, right] = [a.value, b.value as Long];
  return Number(left > right) - Number(left < right);
}

/** Counters are made for all of it, whatever entries there are. */
export const MAX_CAPACITY = 65_536;

const MAX_WIDTH = 1_000_000;

/** Whether so many values may make a bucket of Lossy Counting. */
export const isLossyWidth = (width: number): boolean =>
  Number.isInteger(width) && width >= 1 && width <= MAX_WIDTH;
