import type { ValueType } from '../../model/index.js';

/** A run of parsed records, by column: no row objects. A field that a record lacks is undefined. */
export interface InputBatch {
  readonly rowCount: number;
  /** Each column has `rowCount` entries: string, number, bigint, boolean, null, undefined, Date, arrays, nested objects. */
  readonly columns: ReadonlyMap<string, ArrayLike<unknown>>;
  /** Types of columns, where the input knows them; the others' values speak for themselves. */
  readonly types?: ReadonlyMap<string, ValueType>;
  /** Records that could not be parsed at all; not counted in `rowCount`. */
  readonly bad: readonly BadRecord[];
  /** Input bytes (after decompression) that this batch stands for. */
  readonly bytes: number;
}

export interface BadRecord {
  /** The record's text, cut to a readable length. */
  readonly input: string;
  readonly reason: string;
}
