import { compareText, utf8Decode } from '../../core/index.js';
import { wordsOf } from '../../model/index.js';
import { countOf } from '../blocks.js';
import type { CodedColumn, CodeLists } from '../column.js';
import { checkRowLists, RowLists, writeRowLists } from '../rows/row-lists.js';
import { intersectRows, NO_ROWS, type RowSet, uniteRows } from '../rows/row-set.js';
import { rowsByCode } from '../rows/rows-by-code.js';
import { checkTexts, SortedTexts, writeTexts } from '../sorted-texts.js';
import type { ColumnIndex, IndexKind, IndexPredicate, LoadedBlocks, RowAnswer } from '../types.js';

type Words = Extract<IndexPredicate, { kind: 'words' }>;

/**
 * The rows of each word of a text column, in whatever element it is.
 *
 *     parameters       words; lists: 1 where cells are lists, else 0
 *     keys.bytes       the words; see `sorted-texts.ts`
 *     keys.offsets
 *     lists.bytes      see `row-lists.ts`; key i is word i
 *     lists.offsets
 */
export const text: IndexKind = {
  name: 'text',
  isPacked: false,

  askedFor: ['STRING'],
  isUsual: () => false,

  build(column, sink) {
    if (column.kind !== 'STRING') return null;
    const { words, ofCodes } = wordsByCode(column);
    if (words.length === 0) return null;
    writeTexts(words, sink);
    const lists = column.lists === null ? ofCodes : composed(column.lists, ofCodes);
    // A row's words are a list of codes; the cells without any are the last key, which is left out.
    const { starts, rows } = rowsByCode({ ...column, lists, size: words.length });
    writeRowLists({ starts: starts.subarray(0, words.length + 1), rows }, sink);
    return { words: words.length, lists: column.lists === null ? 0 : 1 };
  },

  check(written) {
    const words = countOf(written, 'words');
    if (words === null || countOf(written, 'lists') === null) return 'want words and lists';
    return checkTexts(written, words) ?? checkRowLists(written, words);
  },

  attach: (blocks) => new TextIndex(blocks),
};

/** The distinct words of a dictionary, ascending, and for each code which of them its text has. */
function wordsByCode({ size, hasNull, texts }: CodedColumn): {
  words: string[];
  ofCodes: CodeLists;
} {
  const { bytes, offsets } = texts();
  const ids = new Map<string, number>();
  const found: number[] = [];
  const ends = new Uint32Array(size + 1);
  for (let code = 0; code < size; code++) {
    const own = code === 0 && hasNull ? [] : textWords(bytes, offsets[code]!, offsets[code + 1]!);
    for (const word of own) {
      const id = ids.get(word) ?? ids.size;
      ids.set(word, id);
      found.push(id);
    }
    ends[code + 1] = found.length;
  }
  const words = [...ids.keys()].sort(compareText);
  const places = new Uint32Array(words.length);
  for (const [place, word] of words.entries()) places[ids.get(word)!] = place;
  const codes = Uint32Array.from(found, (id) => places[id]!);
  return { words, ofCodes: { offsets: ends, codes } };
}

const textWords = (bytes: Uint8Array, from: number, to: number): string[] =>
  wordsOf(utf8Decode(bytes.subarray(from, to)));

/** The lists of what the members of lists have in the other ones. */
function composed(lists: CodeLists, others: CodeLists): CodeLists {
  const offsets = new Uint32Array(lists.offsets.length);
  const codes: number[] = [];
  for (let list = 0; list + 1 < offsets.length; list++) {
    for (let at = lists.offsets[list]!; at < lists.offsets[list + 1]!; at++) {
      const member = lists.codes[at]!;
      const end = others.offsets[member + 1]!;
      for (let i = others.offsets[member]!; i < end; i++) codes.push(others.codes[i]!);
    }
    offsets[list + 1] = codes.length;
  }
  return { offsets, codes: Uint32Array.from(codes) };
}

class TextIndex implements ColumnIndex {
  readonly #texts: SortedTexts;
  readonly #lists: RowLists;
  readonly #hasLists: boolean;
  readonly #rowCount: number;

  constructor(blocks: LoadedBlocks) {
    this.#texts = new SortedTexts(blocks);
    this.#lists = new RowLists(blocks);
    this.#hasLists = blocks.parameters.lists !== 0;
    this.#rowCount = blocks.rowCount;
  }

  estimate(predicate: IndexPredicate): number | null {
    if (predicate.kind !== 'words') return null;
    const counts = this.#keys(predicate).map((key) => (key === null ? 0 : this.#lists.count(key)));
    if (predicate.mode === 'all') return Math.min(this.#rowCount, ...counts);
    return Math.min(
      this.#rowCount,
      counts.reduce((sum, count) => sum + count, 0),
    );
  }

  /** Words that must all be there may be in different elements of a list. */
  rows(predicate: IndexPredicate): RowAnswer | null {
    if (predicate.kind !== 'words') return null;
    const keys = this.#keys(predicate);
    const sets = keys.map((key) => (key === null ? NO_ROWS : this.#lists.rows(key)));
    if (predicate.mode === 'any') return { rows: uniteRows(sets, this.#rowCount), exact: true };
    const both = (a: RowSet, b: RowSet) => intersectRows(a, b, this.#rowCount);
    const exact = sets.length === 1 || !this.#hasLists;
    return { rows: sets.reduce(both), exact };
  }

  /** The key of each word; null for one that no text has. */
  #keys({ words }: Words): (number | null)[] {
    return words.map((word) => this.#texts.find(word));
  }
}
