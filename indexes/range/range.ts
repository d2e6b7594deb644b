import { compareNumbers, rangesOf } from '../../model/index.js';
import { bytesOf, checkLengths, countOf, wordsOf } from '../blocks.js';
import { bitWords, clearTail, rowsOfBits } from '../rows/bits.js';
import { NO_ROWS, type RowSet } from '../rows/row-set.js';
import type { ColumnIndex, IndexKind, IndexPredicate, LoadedBlocks, RowAnswer } from '../types.js';
import { sortedRows } from './sorted-rows.js';
import { checkValues, type SortedValues, sortedValues, writeValues } from './sorted-values.js';

/** Of so many rows fewer than one: then they are told one by one. */
const FEW_SHARE = 64;
/** Fewer still are sorted sooner than a bit for each row is looked at. */
const SORTED_SHARE = 512;

type Numbers = Extract<IndexPredicate, { kind: 'numbers' }>;

/**
 * Rows in the order of their numbers.
 *
 *     parameters      entries: rows that are not null; and those of the values
 *     range.values    the numbers, ascending; see `sorted-values.ts`
 *     range.rows      entries × u32: whose they are; rows of one number ascend
 */
export const range: IndexKind = {
  name: 'range',
  isPacked: false,

  askedFor: ['LONG', 'DOUBLE', 'FLOAT'],
  isUsual: () => false,

  build(column, sink) {
    if (column.kind === 'STRING' || column.kind === 'JSON') return null;
    const rows = sortedRows(column);
    if (rows.length === 0) return null;
    const parameters = writeValues(column, rows, sink);
    sink.block('range.rows', [bytesOf(rows)]);
    return { entries: rows.length, ...parameters };
  },

  check(written, rowCount) {
    const entries = countOf(written, 'entries');
    if (entries === null || entries < 1 || entries > rowCount) return 'want parameter entries';
    return checkValues(written, entries) ?? checkLengths(written, { 'range.rows': 4 * entries });
  },

  attach: (blocks) => new RangeIndex(blocks),
};

/** Entries from one to the one after the last. */
interface Slice {
  readonly from: number;
  readonly to: number;
}

class RangeIndex implements ColumnIndex {
  readonly #values: SortedValues;
  readonly #rows: Uint32Array;
  readonly #rowCount: number;

  constructor(blocks: LoadedBlocks) {
    this.#values = sortedValues(blocks);
    this.#rows = wordsOf(blocks.bytes('range.rows'));
    this.#rowCount = blocks.rowCount;
  }

  estimate(predicate: IndexPredicate): number | null {
    if (predicate.kind === 'nulls') return this.#rowCount - this.#rows.length;
    if (predicate.kind !== 'numbers') return null;
    const count = this.#slices(predicate).reduce((sum, { from, to }) => sum + to - from, 0);
    return Math.min(count, this.#rowCount);
  }

  rows(predicate: IndexPredicate): RowAnswer | null {
    return predicate.kind === 'numbers' ? { rows: this.#found(predicate), exact: true } : null;
  }

  #found(predicate: Numbers): RowSet {
    const slices = this.#slices(predicate);
    if (slices.length === 0) return NO_ROWS;
    const count = slices.reduce((sum, { from, to }) => sum + to - from, 0);
    if (count * SORTED_SHARE < this.#rowCount) {
      return { kind: 'rows', rows: this.#sortedRows(slices, count) };
    }
    const bits = new Uint32Array(bitWords(this.#rowCount));
    for (const { from, to } of slices) {
      for (let i = from; i < to; i++) bits[this.#rows[i]! >>> 5]! |= 1 << (this.#rows[i]! & 31);
    }
    clearTail(bits, this.#rowCount);
    return count * FEW_SHARE < this.#rowCount
      ? { kind: 'rows', rows: rowsOfBits(bits, 0, this.#rowCount) }
      : { kind: 'bits', bits };
  }

  /** In order, each once: slices may overlap. */
  #sortedRows(slices: readonly Slice[], count: number): Uint32Array {
    const rows = new Uint32Array(count);
    let used = 0;
    for (const { from, to } of slices) {
      rows.set(this.#rows.subarray(from, to), used);
      used += to - from;
    }
    return rows.sort().filter((row, i) => row < this.#rowCount && row !== rows[i - 1]);
  }

  /** Entries that are in a range or equal a point, each slice from its first to the one after its last. */
  #slices(numbers: Numbers): Slice[] {
    return rangesOf(numbers)
      .map(({ lower, upper, lowerStrict, upperStrict }) => ({
        from: lower === null ? 0 : this.#place(lower, lowerStrict),
        to: upper === null ? this.#rows.length : this.#place(upper, !upperStrict),
      }))
      .filter(({ from, to }) => from < to);
  }

  /** How many entries are before the value, or `isPast` before or equal to it: a binary search. */
  #place(value: number | bigint, isPast: boolean): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareNumbers(this.#values.at(middle), value);
      if (isPast ? order <= 0 : order < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
