import type { RowCursor, Value } from '../../model/index.js';
import type { Cell } from '../cells.js';
import type { MutableColumnHandle } from './handle.js';

/** Gives the value of the row that its cursor stands on: a column reader, or an aggregator folding one row. */
export interface RowValue {
  get(): Value;
}

/** The rows of a batch that count, in order: positions in the cursor. Null means all of them. */
export type RowOrder = Uint32Array | null;

/**
 * One growing column. Rows are written by number, so that a batch that failed half-way is simply
 * written over by the next one: only the segment's row count says what is there.
 */
export interface MutableColumn {
  readonly name: string;
  /** Words that `writeKeys` writes per row. */
  readonly keyWords: number;
  /** Bytes on the JavaScript heap, about. */
  readonly heapBytes: number;
  /** Writes one value to row `row`, for which there is room. */
  write(row: number, value: Value): void;
  /** Makes room for rows 0 … rowCount-1. */
  ensure(rowCount: number): void;
  /** Writes `count` rows from `firstRow` on. */
  writeRows(
    source: RowValue,
    rows: RowCursor,
    order: RowOrder,
    count: number,
    firstRow: number,
  ): void;
  /**
   * Writes a rollup key: words that are equal exactly when the values are, row i at
   * `at + i * stride`.
   */
  writeKeys(
    source: RowValue,
    rows: RowCursor,
    order: RowOrder,
    count: number,
    keys: Uint32Array,
    stride: number,
    at: number,
  ): void;
  handle(): MutableColumnHandle;
  /** STRING: cells by id that this thread already knows as strings. */
  readonly knownCells: (Cell | undefined)[] | null;
}

/** The place of row `i` of a batch in its cursor. */
export const positionOf = (order: RowOrder, i: number): number => (order === null ? i : order[i]!);
