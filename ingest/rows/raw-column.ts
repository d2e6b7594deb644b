import type { ValueType } from '../../model/index.js';
import { type BatchColumn, valuesOf } from '../input/batch.js';
import { DOUBLE, LONG, NULL, OTHER, TEXT, TIME, WIDE } from '../input/ndjson/tags.js';
import { TokenColumn } from '../input/ndjson/token-column.js';

/** One input field of a batch: an entry per row, of whatever the format gives; undefined is null. */
export interface RawColumn {
  readonly values: ArrayLike<unknown>;
  /** What all values are, where the input knows it; null: each value speaks for itself. */
  readonly type: ValueType | null;
  /** 1 where a number is a DOUBLE although it may be whole; null: by its value. Set by transforms. */
  readonly doubles: Uint8Array | null;
  /** The same values as typed arrays, where the input gives them. */
  readonly tokens: TokenColumn | null;
}

/** A field of a batch whose type is known or not. `values` are made of tokens when they are asked for. */
export function rawColumnOf(column: BatchColumn, type: ValueType | null): RawColumn {
  const tokens = type === null && column instanceof TokenColumn ? column : null;
  return {
    get values() {
      return valuesOf(column);
    },
    type,
    doubles: null,
    tokens,
  };
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
export function kindsOf(column: RawColumn): number {
  if (column.tokens !== null) return kindsOfTokens(column.tokens);
  const { values, doubles } = column;
  let kinds = 0;
  for (let row = 0; row < values.length; row++) {
    kinds |= kindOf(values[row], doubles !== null && doubles[row] === 1);
  }
  return kinds;
}

/** By tag bit: the kind of values that have it; OTHER is looked at. */
const KINDS_BY_TAG: readonly (readonly [tag: number, kind: number])[] = [
  [NULL, NULLS],
  [TEXT, TEXTS],
  [TIME, TEXTS],
  [LONG, LONGS],
  [WIDE, BIGINTS],
  [DOUBLE, DOUBLES],
];

function kindsOfTokens(column: TokenColumn): number {
  const { mask, tags, ids, others } = column;
  let kinds = column.hasNulls ? NULLS : 0;
  for (const [tag, kind] of KINDS_BY_TAG) if ((mask & tag) !== 0) kinds |= kind;
  if ((mask & OTHER) === 0) return kinds;
  if (column.hasOnlyBooleans) return kinds | OTHERS;
  for (let row = 0; row < tags.length; row++) {
    if (tags[row] === OTHER) kinds |= kindOf(others[ids[row]!], false);
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
