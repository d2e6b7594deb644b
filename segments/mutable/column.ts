import type { ColumnReader, RowCursor, Value } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import type { Part } from './part.js';

/** Gives the value of the row that its cursor stands on: a column reader, or an aggregator folding one row. */
export interface RowValue {
  get(): Value;
}

/** The rows of a batch that count, in order: positions in the cursor. Null means all of them. */
export type RowOrder = Uint32Array | null;

/**
 * One growing column. Rows come in three steps, so that a batch of which something is wrong leaves nothing behind:
 *
 *     stage     reads the rows of a batch; may throw
 *     reserve   asks its parts for room, which the segment then gives to all columns or to none
 *     store     writes what was staged
 *
 * Where there is no room, entries of dictionaries wait for the next `store`: `entry` does not tell of them.
 */
export interface MutableColumn {
  readonly name: string;
  /** Words that `writeKeys` writes per row. */
  readonly keyWords: number;
  /** Bytes on the JavaScript heap, about. */
  readonly heapBytes: number;
  /** Where its bytes are. */
  readonly parts: readonly Part[];
  /** Where it has a dictionary: cells by id that this thread already knows as values. */
  readonly knownCells: (Value | undefined)[] | null;
  stage(source: RowValue, rows: RowCursor, order: RowOrder, count: number): void;
  /** Writes rollup keys of the staged rows: words that are equal exactly when the values are, row i at `at + i * stride`. */
  writeKeys(keys: Uint32Array, stride: number, at: number): void;
  /** For `rowCount` rows in all, or fewer. */
  reserve(rowCount: number): void;
  /** Writes the staged rows that `picks` names, in its order, or all, from row `firstRow` on. */
  store(picks: Uint32Array | null, firstRow: number): void;
  /** What a reader needs to know of the rows stored. */
  entry(): ColumnEntry;
}

export const isColumnReader = (source: RowValue): source is ColumnReader => 'exists' in source;

/** The place of row `i` of a batch in its cursor. */
export const positionOf = (order: RowOrder, i: number): number => (order === null ? i : order[i]!);

/** The blocks that parts are to their readers. */
export const blocksOf = (parts: readonly Part[]): ColumnEntry['blocks'] =>
  parts.map(({ name, offset, length }) => ({ name, offset, length, crc32c: 0 }));
