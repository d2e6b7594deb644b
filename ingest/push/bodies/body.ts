import type { InputBatch } from '../../input/batch.js';
import type { PushFormat } from '../types.js';

/** The rows of one body. */
export interface BodyRows {
  /** Rows of the body, good or bad. */
  readonly count: number;
  /** Those that could be read, in order; `bad` is empty. */
  readonly batch: InputBatch;
  /** Parallel to the batch: each row's number in the body, from 0, ascending. */
  readonly numbers: Uint32Array;
  /** The others, ascending. */
  readonly bad: readonly BadRow[];
  /** A row as it came, by its number in the body. */
  raw(row: number): RawRow;
}

export interface BadRow {
  readonly row: number;
  readonly reason: 'malformed' | 'oversized';
  readonly message: string;
}

/** A row as a dead letter keeps it: by itself a body of `format` with one row. */
export interface RawRow {
  readonly format: PushFormat;
  readonly encoding: 'utf8' | 'base64';
  readonly text: string;
  /** Whether the row goes on behind `text`. */
  readonly truncated: boolean;
}

export interface BodyOptions {
  readonly maxRowBytes: number;
  /** Names of the columns of csv; null: the first line has them. */
  readonly columns: readonly string[] | null;
  /** The field of the rows' time: its texts may be read as instants on the way. */
  readonly timeColumn?: string;
}
