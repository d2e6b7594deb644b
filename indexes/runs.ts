import { bytesOf, checkLengths, countOf, wordsOf } from './blocks.js';
import { type CodeSet, hasCode } from './codes.js';
import type { CodedColumn } from './column.js';
import type { ColumnIndex, IndexKind, IndexPredicate, LoadedBlocks, RowAnswer } from './types.js';

/** Runs of so many rows on average are worth more than a list of rows per code. */
const LONG_RUN = 32;

/** Whether a column lies in so few runs of equal codes that the runs are the better index. */
export function hasLongRuns({ ids, lists, rowCount }: CodedColumn): boolean {
  if (lists !== null || rowCount === 0) return false;
  const most = rowCount / LONG_RUN;
  let runs = 1;
  for (let row = 1; row < rowCount && runs <= most; row++) if (ids[row] !== ids[row - 1]) runs++;
  return runs <= most;
}

/**
 * Runs of rows of one code, where they are long: of a column that the segment is sorted by, or nearly.
 *
 *     parameters     runs
 *     runs.firsts    runs × u32: the first row of each, ascending from 0
 *     runs.codes     runs × u32
 */
export const runs: IndexKind = {
  name: 'runs',
  isPacked: false,

  askedFor: [],
  isUsual: (column, bitmap) => bitmap && column.kind === 'STRING',

  build(column, sink) {
    if (column.kind !== 'STRING' || column.size < 2 || !hasLongRuns(column)) return null;
    const { ids, rowCount } = column;
    const firsts = new Uint32Array(Math.ceil(rowCount / LONG_RUN));
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      if (row === 0 || ids[row] !== ids[row - 1]) firsts[count++] = row;
    }
    const used = firsts.subarray(0, count);
    sink.block('runs.firsts', [bytesOf(used)]);
    sink.block('runs.codes', [bytesOf(used.map((row) => ids[row]!))]);
    return { runs: count };
  },

  check(written) {
    const count = countOf(written, 'runs');
    if (count === null) return 'want parameter runs';
    return checkLengths(written, { 'runs.firsts': 4 * count, 'runs.codes': 4 * count });
  },

  attach: (blocks) => new RunIndex(blocks),
};

class RunIndex implements ColumnIndex {
  readonly #firsts: Uint32Array;
  readonly #codes: Uint32Array;
  readonly #rowCount: number;

  constructor(blocks: LoadedBlocks) {
    this.#firsts = wordsOf(blocks.bytes('runs.firsts'));
    this.#codes = wordsOf(blocks.bytes('runs.codes'));
    this.#rowCount = blocks.rowCount;
  }

  estimate(predicate: IndexPredicate): number | null {
    if (predicate.kind !== 'codes') return null;
    let count = 0;
    for (let run = 0; run < this.#codes.length; run++) {
      if (hasCode(predicate.codes, this.#codes[run]!)) count += this.#end(run) - this.#firsts[run]!;
    }
    return Math.max(0, Math.min(count, this.#rowCount));
  }

  rows(predicate: IndexPredicate): RowAnswer | null {
    if (predicate.kind !== 'codes') return null;
    return { rows: { kind: 'ranges', ranges: this.#ranges(predicate.codes) }, exact: true };
  }

  #ranges(codes: CodeSet): Uint32Array {
    const ranges = new Uint32Array(2 * this.#codes.length);
    let used = 0;
    for (let run = 0; run < this.#codes.length; run++) {
      if (!hasCode(codes, this.#codes[run]!)) continue;
      const last = used === 0 ? 0 : ranges[used - 1]!;
      const from = Math.max(last, this.#firsts[run]!);
      const to = this.#end(run);
      if (from >= to) continue;
      if (used === 0 || from > last) {
        ranges[used++] = from;
        ranges[used++] = to;
      } else ranges[used - 1] = to;
    }
    return ranges.slice(0, used);
  }

  #end(run: number): number {
    const next = run + 1 < this.#firsts.length ? this.#firsts[run + 1]! : this.#rowCount;
    return Math.min(next, this.#rowCount);
  }
}
