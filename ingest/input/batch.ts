import type { ValueType } from '../../model/index.js';
import { TokenColumn } from './ndjson/token-column.js';

/** A run of parsed records, by column: no row objects. A field that a record lacks is undefined. */
export interface InputBatch {
  readonly rowCount: number;
  readonly columns: ReadonlyMap<string, BatchColumn>;
  /** Types of columns, where the input knows them; the others' values speak for themselves. */
  readonly types?: ReadonlyMap<string, ValueType>;
  /** Rows of a table: `__time` is their time where they have no field that the timestampSpec names. */
  readonly isStored?: true;
  /** Whether fields that have shown nothing but nulls count as found. */
  readonly keepsNulls?: true;
  /** The records' own fields, where others were made of them. */
  readonly roots?: ReadonlyMap<string, BatchColumn>;
  /** Records that could not be parsed at all; not counted in `rowCount`. */
  readonly bad: readonly BadRecord[];
  /** Input bytes (after decompression) that this batch stands for. */
  readonly bytes: number;
}

/**
 * A field of a batch, `rowCount` entries: string, number, bigint, boolean, null, undefined, Date, arrays,
 * nested objects. Formats that have them typed give a token column.
 */
export type BatchColumn = ArrayLike<unknown> | TokenColumn;

/** The column's values by row. */
export const valuesOf = (column: BatchColumn): ArrayLike<unknown> =>
  column instanceof TokenColumn ? column.values() : column;

/** The column's value in one row. */
export const valueIn = (column: BatchColumn, row: number): unknown =>
  column instanceof TokenColumn ? column.value(row) : column[row];

export interface BadRecord {
  /** The record's text, cut to a readable length. */
  readonly input: string;
  readonly reason: string;
}
