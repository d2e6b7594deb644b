import type { Long } from '../core/index.js';

/** Two words a row, low word first. */
export interface LongWords {
  readonly kind: 'LONG';
  readonly layout: 'words';
  readonly rowCount: number;
  readonly words: Uint32Array;
  readonly nulls: Uint8Array | null;
}

/** Values that lie together: `base` + offset. Offsets are as wide as they need to be, or wider. */
export interface LongOffsets {
  readonly kind: 'LONG';
  readonly layout: 'offsets';
  readonly rowCount: number;
  readonly base: Long;
  readonly offsets: Uint8Array | Uint16Array | Uint32Array;
  readonly nulls: Uint8Array | null;
}

export interface DoubleVector {
  readonly kind: 'DOUBLE';
  readonly rowCount: number;
  readonly values: Float64Array;
  readonly nulls: Uint8Array | null;
}

export interface FloatVector {
  readonly kind: 'FLOAT';
  readonly rowCount: number;
  readonly values: Float32Array;
  readonly nulls: Uint8Array | null;
}

/** Strings by code, an entry of the dictionary that the column is stored with. */
export interface CodedColumn {
  readonly kind: 'STRING';
  readonly rowCount: number;
  /** By row: the code of its text, or with `lists` the number of its list. May be longer than `rowCount`. */
  readonly ids: Uint8Array | Uint16Array | Uint32Array;
  /** Null where each cell is one text. */
  readonly lists: CodeLists | null;
  /** Codes are [0, size). */
  readonly size: number;
  /** Code 0 is null. */
  readonly hasNull: boolean;
  /** Made when first asked for. */
  texts(): Texts;
}

/** JSON by code: an entry of a dictionary of its texts. */
export interface JsonColumn extends Pick<CodedColumn, 'rowCount' | 'ids' | 'size' | 'hasNull'> {
  readonly kind: 'JSON';
  /** Made when first asked for. */
  texts(): Texts;
}

/** UTF-8 by code: text i is `bytes` from `offsets[i]` to `offsets[i + 1]`; null has no bytes. */
export interface Texts {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

/** List i has the codes `codes[offsets[i]]` to `codes[offsets[i + 1]]`, that end excluded; null is a list of none. */
export interface CodeLists {
  readonly offsets: Uint32Array;
  readonly codes: Uint32Array;
}

/** Numbers by row; those that a null row holds are ignored. */
export type NumberColumn = LongWords | LongOffsets | DoubleVector | FloatVector;

/**
 * A column on its way into a file, as plain arrays, one entry per row. `nulls` has a bit per row, set where the row is
 * null (bit `row & 7` of byte `row >> 3`), or is null where none is; what a null row holds beside it is ignored.
 */
export type IndexableColumn = NumberColumn | CodedColumn | JsonColumn;
