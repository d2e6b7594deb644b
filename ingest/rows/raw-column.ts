import type { ValueType } from '../../model/index.js';

/** One input field of a batch: an entry per row, of whatever the format gives; undefined is null. */
export interface RawColumn {
  readonly values: ArrayLike<unknown>;
  /** What all values are, where the input knows it; null: each value speaks for itself. */
  readonly type: ValueType | null;
  /** 1 where a number is a DOUBLE although it may be whole; null: by its value. Set by transforms. */
  readonly doubles: Uint8Array | null;
}

/** A column whose cells are read as they are; texts are left to be understood. */
export const isTyped = (
  column: RawColumn,
): column is RawColumn & { readonly type: Exclude<ValueType, 'STRING'> } =>
  column.type !== null && column.type !== 'STRING';

/** What a column holds, as bits that are or-ed. Dates, booleans, bytes and objects are OTHER. */
export const NULLS = 1;
export const TEXTS = 2;
export const LONGS = 4;
export const BIGINTS = 8;
export const DOUBLES = 16;
export const LISTS = 32;
export const OTHERS = 64;

/** The kinds of value that occur in the column: one pass. */
export function kindsOf({ values, doubles }: RawColumn): number {
  let kinds = 0;
  for (let row = 0; row < values.length; row++) {
    kinds |= kindOf(values[row], doubles !== null && doubles[row] === 1);
  }
  return kinds;
}

export function kindOf(value: unknown, isDouble: boolean): number {
  if (typeof value === 'string') return TEXTS;
  if (typeof value === 'number') return !isDouble && Number.isSafeInteger(value) ? LONGS : DOUBLES;
  if (value === null || value === undefined) return NULLS;
  if (typeof value === 'bigint') return BIGINTS;
  return Array.isArray(value) ? LISTS : OTHERS;
}

/** True when all kinds that occur are among `allowed`. */
export const isOnly = (kinds: number, allowed: number): boolean => (kinds & ~allowed) === 0;
