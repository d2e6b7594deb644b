import type { JsonCondition, NumberTest } from '../model/index.js';
import type { HyperLogLog, KllSketch, SpaceSaving } from '../sketches/index.js';
import type { CodeSet } from './codes.js';
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
 *     codes      its code is in the set; of lists: one of its elements' codes. In a column of lists, code `size` stands
 *                for cells that have no element
 *     texts      its text, or one of its elements, is among these; null is no text
 *     numbers    its number is in one of the ranges or equals one of the points; null is no number
 *     nulls      its number is null
 *     json       its document has all of this, one condition at least; where paths go through one list, in one element of it
 *     words      its text, or one of its elements, has all of these words, or any of them; one word at least, as `wordsOf` cuts them
 */
export type IndexPredicate =
  | { readonly kind: 'codes'; readonly codes: CodeSet }
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | ({ readonly kind: 'numbers' } & Pick<NumberTest, 'ranges' | 'points'>)
  | { readonly kind: 'nulls' }
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly mode: 'all' | 'any' }
  | { readonly kind: 'json'; readonly conditions: readonly JsonCondition[] };

/** Rows for a predicate: all that it holds for, and no others where `exact`. */
export interface RowAnswer {
  readonly rows: RowSet;
  readonly exact: boolean;
}

/**
 * What is told of a whole column; those of several segments can be merged.
 *
 *     distinct     what the aggregator `hyperUnique` makes of all its rows
 *     frequent     its values, and how many rows have each
 *     quantiles    of its numbers, each as the nearest double
 */
export type ColumnSketch =
  | { readonly kind: 'distinct'; readonly sketch: HyperLogLog }
  | { readonly kind: 'frequent'; readonly sketch: SpaceSaving }
  | { readonly kind: 'quantiles'; readonly sketch: KllSketch };

/**
 * An index in memory. It answers some predicates; to others, and wherever asking costs more than a scan of the column,
 * it says null, which means nothing.
 */
export interface ColumnIndex {
  /** At most so many rows; 0 is sure. Cheap: rows are not looked at. */
  estimate(predicate: IndexPredicate): number | null;
  rows(predicate: IndexPredicate): RowAnswer | null;
  /** About so many rows: likely, where nothing is sure. Absent where an index knows no more than `estimate` tells. */
  guess?(predicate: IndexPredicate): number | null;
  /** The caller's own. Throws CorruptSketchError. */
  sketch?(): ColumnSketch;
}

/** Which indexes a column shall have, beside those that are there by default. */
export interface IndexChoice {
  /** Druid's `createBitmapIndex`: false for a column without an inverted index. */
  readonly bitmap: boolean;
  /** Names of kinds that are asked for. */
  readonly kinds: readonly string[];
}

/** One way to index a column. Built when a segment is written, always from the column, so that it can be built again. */
export interface IndexKind {
  /** The name in the directory; never reused for another layout. */
  readonly name: string;
  /** Whether the deep-storage form holds it, since it is small, or slow to build; else it is left out there, and built again. */
  readonly isPacked: boolean;
  /** Kinds of columns that have it when a choice names it; none where it is never asked for. */
  readonly askedFor: readonly IndexableColumn['kind'][];
  /** Whether a column has it without being asked. `bitmap` is the choice's. */
  isUsual(column: IndexableColumn, bitmap: boolean): boolean;
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
