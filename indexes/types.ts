import type { Long } from '../core/index.js';
import type { IndexableColumn } from './column.js';
import type { RowSet } from './rows/row-set.js';

/** Settings of an index or an encoding: small numbers as numbers, column values as text. */
export type EncodingParameters = Readonly<Record<string, number | string>>;

/** Takes the blocks of one column or index, in the order in which they shall lie in the file. A chunk is valid until the next. */
export interface BlockSink {
  block(name: string, chunks: Iterable<Uint8Array>): void;
}

/** What a file says of an index. */
export interface WrittenIndex {
  readonly parameters: EncodingParameters;
  readonly blocks: readonly { readonly name: string; readonly length: number }[];
}

/** The blocks of an index in memory, each at a multiple of 64, so that they can be read as words. */
export interface LoadedBlocks {
  readonly rowCount: number;
  readonly parameters: EncodingParameters;
  /** The bytes of a block; throws InternalError when there is no such block. */
  bytes(name: string): Uint8Array;
}

/**
 * Something that rows either are or are not, told in terms of one column:
 *
 *     codes    the row has one of these entries of its column's dictionary (of lists: among its elements). Pairs of
 *              first code and the one after the last, ascending and apart. In a column of lists, code `size` stands
 *              for cells that have no element
 *     texts    the text, or an element, is one of these; null is no text
 *     range    the number is not null and in [low, high], each end as far as there is one, and open where said.
 *              Doubles in Java's order: -0 before 0, NaN above all
 *     nulls    the number is null
 *     words    the text, or an element, has all of these words, or any of them
 */
export type IndexPredicate =
  | { readonly kind: 'codes'; readonly codes: Uint32Array }
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | NumberRange
  | { readonly kind: 'nulls' }
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly mode: 'all' | 'any' };

export interface NumberRange {
  readonly kind: 'range';
  readonly low: Long | null;
  readonly lowOpen: boolean;
  readonly high: Long | null;
  readonly highOpen: boolean;
}

/** Rows for a predicate: all that it holds for, and no others where `exact`. */
export interface RowAnswer {
  readonly rows: RowSet;
  readonly exact: boolean;
}

/**
 * An index in memory. It answers some predicates; to others, and wherever asking costs more than a scan of the column,
 * it says null, which means nothing.
 */
export interface ColumnIndex {
  /** At most so many rows; 0 is sure. Cheap: rows are not looked at. */
  estimate(predicate: IndexPredicate): number | null;
  rows(predicate: IndexPredicate): RowAnswer | null;
}

/** Which indexes a column shall have, beside those that are there by default. */
export interface IndexChoice {
  /** Druid's `createBitmapIndex`: false for a column without an inverted index. */
  readonly bitmap: boolean;
  /** Names of kinds that are built where they can be. */
  readonly kinds: readonly string[];
}

export const DEFAULT_INDEXES: IndexChoice = { bitmap: true, kinds: [] };

/** One way to index a column. Built when a segment is written, always from the column, so that it can be built again. */
export interface IndexKind {
  /** The name in the directory; never reused for another layout. */
  readonly name: string;
  /** Whether a column of this choice is to have it, if it can. */
  isWanted(column: IndexableColumn, choice: IndexChoice): boolean;
  /** Writes the blocks; null, before any block, where the index would tell nothing or is not worth its bytes. */
  build(column: IndexableColumn, sink: BlockSink): EncodingParameters | null;
  /** What is wrong with an index in a directory; null when its parameters and block lengths fit. */
  check(written: WrittenIndex, rowCount: number): string | null;
  /**
   * Views over loaded blocks; `check` has passed. Whatever their bytes are, answers take no more time and memory than the
   * lengths of the blocks allow, and tell of no row from the row count on.
   */
  attach(blocks: LoadedBlocks): ColumnIndex;
}
