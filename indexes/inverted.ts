import { countOf } from './blocks.js';
import { type CodeSet, nextCode } from './codes.js';
import { bitWords } from './rows/bits.js';
import { checkRowLists, RowLists, writeRowLists } from './rows/row-lists.js';
import { NO_ROWS, type RowSet } from './rows/row-set.js';
import { codeCount, rowsByCode } from './rows/rows-by-code.js';
import { hasLongRuns } from './runs.js';
import type { ColumnIndex, IndexKind, IndexPredicate, LoadedBlocks, RowAnswer } from './types.js';

/** After so many codes an estimate says "all rows": whoever asks for more scans the column anyway. */
const ESTIMATED_CODES = 1 << 14;

/**
 * The rows of each code of a dictionary; of lists, of each element, and of the cells that have none.
 *
 *     parameters       codes: how many can be asked for
 *     lists.bytes      see `row-lists.ts`; key i is code i
 *     lists.offsets
 *
 * A column of long runs has `runs` instead.
 */
export const inverted: IndexKind = {
  name: 'inverted',
  isPacked: false,

  askedFor: [],
  isUsual: (column, bitmap) => bitmap && column.kind === 'STRING',

  build(column, sink) {
    if (column.kind !== 'STRING' || codeCount(column) < 2 || hasLongRuns(column)) return null;
    writeRowLists(rowsByCode(column), sink);
    return { codes: codeCount(column) };
  },

  check(written) {
    const codes = countOf(written, 'codes');
    return codes === null ? 'want parameter codes' : checkRowLists(written, codes);
  },

  attach: (blocks) => new InvertedIndex(blocks),
};

class InvertedIndex implements ColumnIndex {
  readonly #lists: RowLists;
  readonly #rowCount: number;

  constructor(blocks: LoadedBlocks) {
    this.#lists = new RowLists(blocks);
    this.#rowCount = blocks.rowCount;
  }

  estimate(predicate: IndexPredicate): number | null {
    return predicate.kind === 'codes' ? this.#estimate(predicate.codes) : null;
  }

  rows(predicate: IndexPredicate): RowAnswer | null {
    return predicate.kind === 'codes' ? { rows: this.#rows(predicate.codes), exact: true } : null;
  }

  #estimate(codes: CodeSet): number {
    const { keyCount } = this.#lists;
    let count = 0;
    let asked = 0;
    for (let code = nextCode(codes, 0); code < keyCount; code = nextCode(codes, code + 1)) {
      count += this.#lists.count(code);
      if (count >= this.#rowCount || ++asked > ESTIMATED_CODES) return this.#rowCount;
    }
    return count;
  }

  #rows(codes: CodeSet): RowSet {
    const { keyCount } = this.#lists;
    const first = nextCode(codes, 0);
    if (first >= keyCount) return NO_ROWS;
    if (nextCode(codes, first + 1) >= keyCount) return this.#lists.rows(first);
    const bits = new Uint32Array(bitWords(this.#rowCount));
    for (let code = first; code < keyCount; code = nextCode(codes, code + 1)) {
      this.#lists.addTo(code, bits);
    }
    return { kind: 'bits', bits };
  }
}
