import type { Value, ValueType } from './types.js';
import type { ColumnVector } from './vectors.js';

/**
 * A stream of rows seen one at a time: the segment scan, a batch being ingested, or result rows.
 * Expressions, predicates and aggregators are compiled against a `RowSource` once and then read
 * whatever row it stands on. Moving to the next row is the owner's business.
 */
export interface RowSource {
  /** How to read the column; a column that does not exist reads as null of type STRING. */
  column(name: string): ColumnReader;
}

/** Rows that can be visited in any order: set `row` to 0 … rowCount-1, then read. */
export interface RowCursor extends RowSource {
  row: number;
  readonly rowCount: number;
}

/** Reads one column at the current row. */
export interface ColumnReader {
  readonly type: ValueType;
  /** True when a cell may hold a list of strings. */
  readonly multiValue: boolean;
  /** False when no row with this name exists in the source: reads as null. */
  readonly exists: boolean;
  /** The value at the current row, in the form that `Value` describes. */
  get(): Value;
  /**
   * Set when the column is dictionary encoded, so that work on a value can be done once per
   * distinct value (`memoised` below) instead of once per row.
   */
  readonly dictionary?: DictionaryReader;
  /** Set where cells lie in the stored form of a complex type: that of the current row, which nobody may write to; null of a null. */
  stored?(): Uint8Array | null;
  /** Set where all rows lie in typed arrays: entry `row` is what `get()` gives there. Of the reader's type. */
  readonly vector?: ColumnVector;
}

/**
 * Ids stand for whole cells: a multi-value cell has one id for its list. Several ids may stand for
 * equal cells, as they do where a function is read over a dictionary.
 */
export interface DictionaryReader {
  /** How many ids there are now; ids are 0 … size-1. */
  readonly size: number;
  /** The id at the current row. */
  id(): number;
  /** The cell an id stands for. */
  value(id: number): Value;
}

/**
 * `fn(reader.get())`, computed once per distinct value where the reader has a dictionary.
 * `fn` must be pure.
 */
export function memoised<T>(reader: ColumnReader, fn: (value: Value) => T): () => T {
  const { dictionary } = reader;
  if (dictionary === undefined) return () => fn(reader.get());
  const known: (T | undefined)[] = [];
  return () => {
    const id = dictionary.id();
    const cached = known[id];
    if (cached !== undefined) return cached;
    const computed = fn(dictionary.value(id));
    known[id] = computed;
    return computed;
  };
}

/** The reader of a column that is not there. */
export const NULL_READER: ColumnReader = {
  type: 'STRING',
  multiValue: false,
  exists: false,
  get: () => null,
};
