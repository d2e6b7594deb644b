import { invariant, ResourceLimitError } from '../../core/index.js';
import { Ties } from './ties.js';
import { countingUp } from './time-order.js';

const MAX_BYTES = 2 ** 32 - 1;

/** Texts as they lie in a dictionary, in any order: text i is bytes [offsets[i], offsets[i + 1]). */
export interface TextTable {
  /** Null included. */
  readonly size: number;
  /** Text 0 is null and has no bytes; no row need be null. */
  readonly hasNull: boolean;
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

/** Nothing but null. */
export const NULL_TEXT: TextTable = {
  size: 1,
  hasNull: true,
  bytes: new Uint8Array(0),
  offsets: new Uint32Array(2),
};

/** The texts of several tables in one order: null first, then by their bytes, equal ones once. */
export interface TextRanks {
  readonly size: number;
  readonly hasNull: boolean;
  /** By table: rank by id. */
  readonly rankOf: readonly Uint32Array[];
  /** By rank: a text of that rank, counted through all tables. */
  readonly itemOf: Uint32Array;
}

/**
 * Ranks texts by their bytes, without making strings of them. Memory: while it sorts, about 40 bytes a text, and the
 * bytes of all tables where there are several.
 */
export function rankTexts(tables: readonly TextTable[]): TextRanks {
  const pool = poolOf(tables);
  const { order, joined } = sortTexts(pool, tables);
  const hasNull = tables.some((table) => table.hasNull);
  const ranks = new Uint32Array(pool.offsets.length - 1);
  const itemOf = new Uint32Array(order.length + 1);
  let size = hasNull ? 1 : 0;
  for (let i = 0; i < order.length; i++) {
    if (joined === null || joined[i] === 0) itemOf[size++] = order[i]!;
    ranks[order[i]!] = size - 1;
  }
  const bases = basesOf(tables);
  return {
    size,
    hasNull,
    rankOf: tables.map((table, t) => ranks.subarray(bases[t]!, bases[t]! + table.size)),
    itemOf: itemOf.subarray(0, size),
  };
}

/** The number of each table's first text, when texts are counted through all tables. */
export function basesOf(tables: readonly TextTable[]): number[] {
  let base = 0;
  return tables.map(({ size }) => {
    base += size;
    return base - size;
  });
}

type Pool = Pick<TextTable, 'bytes' | 'offsets'>;

/** The texts of all tables, one after another. */
function poolOf(tables: readonly TextTable[]): Pool {
  const [first, second] = tables;
  invariant(first !== undefined, 'there is a dictionary');
  if (second === undefined) return first;
  const total = tables.reduce((sum, { offsets, size }) => sum + offsets[size]!, 0);
  if (total > MAX_BYTES) throw tooLarge(total);
  const bytes = new Uint8Array(total);
  const offsets = new Uint32Array(tables.reduce((sum, { size }) => sum + size, 1));
  let at = 0;
  let item = 0;
  for (const table of tables) {
    const end = table.offsets[table.size]!;
    bytes.set(table.bytes.subarray(0, end), at);
    for (let id = 0; id < table.size; id++) offsets[++item] = at + table.offsets[id + 1]!;
    at += end;
  }
  return { bytes, offsets };
}

function tooLarge(amount: number): ResourceLimitError {
  return new ResourceLimitError(
    `the distinct texts of one column take more than ${MAX_BYTES} bytes; use fewer rows per segment`,
    MAX_BYTES,
    amount,
  );
}

interface SortedTexts {
  /** Texts that are not null. */
  readonly order: Uint32Array;
  /** 1 where a text is equal to the one before it; null where none can be. */
  readonly joined: Uint8Array | null;
}

function sortTexts(pool: Pool, tables: readonly TextTable[]): SortedTexts {
  const order = withoutNulls(tables);
  if (ascends(pool, order)) return { order, joined: null };
  // The texts of one table are distinct.
  const joined = tables.length > 1 ? new Uint8Array(order.length) : null;
  const ties = new Ties(order, [{ start: 0, length: order.length }], joined);
  const compare = comparatorOf(pool);
  while (ties.items.length > 0) {
    ties.refine(nextWords(pool, ties), isInside);
    ties.sortShort(SHORT_RUN, compare);
  }
  return { order, joined };
}

function withoutNulls(tables: readonly TextTable[]): Uint32Array {
  const all = countingUp(tables.reduce((sum, { size }) => sum + size, 0));
  let count = 0;
  let base = 0;
  for (const { size, hasNull } of tables) {
    all.copyWithin(count, base + (hasNull ? 1 : 0), base + size);
    count += size - (hasNull ? 1 : 0);
    base += size;
  }
  return all.subarray(0, count);
}

/** Whether each text is before the next, as they are in files. */
function ascends(pool: Pool, order: Uint32Array): boolean {
  const compare = comparatorOf(pool);
  for (let i = 1; i < order.length; i++) {
    if (compare(order[i - 1]!, order[i]!, 0) >= 0) return false;
  }
  return true;
}

/** Compares texts that have `done` bytes at their beginning alike. */
const comparatorOf =
  ({ bytes, offsets }: Pool) =>
  (first: number, second: number, done: number): number => {
    const a = offsets[first]!;
    const b = offsets[second]!;
    const aLength = offsets[first + 1]! - a;
    const bLength = offsets[second + 1]! - b;
    const common = Math.min(aLength, bLength);
    let at = done;
    while (at < common && bytes[a + at] === bytes[b + at]) at++;
    return at < common ? bytes[a + at]! - bytes[b + at]! : aLength - bLength;
  };

/** Texts of a run that are compared one with another. */
const SHORT_RUN = 12;

const MORE = 4;
const WORD_BYTES = 3;

/**
 * Three bytes of each text as a word: the first that not all of its run have alike, and those behind them. The bytes,
 * most significant first, zero behind the end, and in the lowest byte how many there are, or MORE when the text goes on.
 * So words are in the order of the texts, and texts of equal words either both go on or are equal.
 *
 * The note of a run is how many bytes at the beginning of its texts are done with.
 */
function nextWords({ bytes, offsets }: Pool, ties: Ties): Uint32Array {
  const { items } = ties;
  const words = new Uint32Array(items.length);
  ties.note((done, from, to) => {
    const depth = done + commonBytes(bytes, offsets, items, from, to, done);
    for (let i = from; i < to; i++) {
      const item = items[i]!;
      const at = offsets[item]! + depth;
      const left = offsets[item + 1]! - at;
      words[i] =
        left > WORD_BYTES
          ? (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | MORE
          : lastWord(bytes, at, left);
    }
    return depth + WORD_BYTES;
  });
  return words;
}

function lastWord(bytes: Uint8Array, at: number, left: number): number {
  let word = left;
  for (let k = 0; k < left; k++) word |= bytes[at + k]! << (24 - 8 * k);
  return word;
}

/** How many bytes from `depth` on are the same in items [from, to). */
function commonBytes(
  bytes: Uint8Array,
  offsets: Uint32Array,
  items: Uint32Array,
  from: number,
  to: number,
  depth: number,
): number {
  const first = offsets[items[from]!]! + depth;
  let common = offsets[items[from]! + 1]! - first;
  for (let i = from + 1; i < to && common > 0; i++) {
    const at = offsets[items[i]!]! + depth;
    const length = Math.min(common, offsets[items[i]! + 1]! - at);
    let k = 0;
    while (k < length && bytes[first + k] === bytes[at + k]) k++;
    common = k;
  }
  return common;
}

const isInside = (word: number): boolean => (word & 255) === MORE;
