import { bitWords, clearTail, countBits, rowsOfBits, setBits } from './bits.js';

/**
 * Some rows of a segment:
 *
 *     rows      row numbers, ascending and distinct
 *     ranges    pairs of first row and the one after the last, ascending and apart
 *     bits      a bit per row: bit `row & 31` of word `row >>> 5`; none is set from the row count on
 */
export type RowSet =
  | { readonly kind: 'rows'; readonly rows: Uint32Array }
  | { readonly kind: 'ranges'; readonly ranges: Uint32Array }
  | { readonly kind: 'bits'; readonly bits: Uint32Array };

export const NO_ROWS: RowSet = { kind: 'rows', rows: new Uint32Array(0) };

export function countRows(set: RowSet): number {
  if (set.kind === 'rows') return set.rows.length;
  if (set.kind === 'bits') return countBits(set.bits);
  let count = 0;
  for (let i = 0; i < set.ranges.length; i += 2) count += set.ranges[i + 1]! - set.ranges[i]!;
  return count;
}

/** The rows of the set in [from, to), ascending: views where they can be. */
export function rowsIn(set: RowSet, from: number, to: number): Uint32Array {
  if (set.kind === 'rows') return set.rows.subarray(place(set.rows, from), place(set.rows, to));
  if (set.kind === 'bits') return rowsOfBits(set.bits, from, to);
  const { ranges } = set;
  const rows = new Uint32Array(Math.min(countRows(set), Math.max(0, to - from)));
  let count = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    const end = Math.min(to, ranges[i + 1]!);
    for (let row = Math.max(from, ranges[i]!); row < end; row++) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

/** How many of the ascending rows are before `row`: a binary search. */
function place(rows: Uint32Array, row: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sets the bits of the rows of a set in `bits`. */
export function addRows(set: RowSet, bits: Uint32Array): void {
  if (set.kind === 'rows') {
    const { rows } = set;
    for (let i = 0; i < rows.length; i++) bits[rows[i]! >>> 5]! |= 1 << (rows[i]! & 31);
  } else if (set.kind === 'ranges') {
    const { ranges } = set;
    for (let i = 0; i < ranges.length; i += 2) setBits(bits, ranges[i]!, ranges[i + 1]!);
  } else {
    for (let i = 0; i < bits.length; i++) bits[i]! |= set.bits[i]!;
  }
}

/** A bit per row; the set's own bits where it has them, which must not be changed. */
function bitsOf(set: RowSet, rowCount: number): Uint32Array {
  if (set.kind === 'bits') return set.bits;
  const bits = new Uint32Array(bitWords(rowCount));
  addRows(set, bits);
  return bits;
}

/** Rows of any of the sets. */
export function uniteRows(sets: readonly RowSet[], rowCount: number): RowSet {
  const [only] = sets;
  if (sets.length < 2) return only ?? NO_ROWS;
  const bits = new Uint32Array(bitWords(rowCount));
  for (const set of sets) addRows(set, bits);
  return { kind: 'bits', bits };
}

/** Rows of both sets. */
export function intersectRows(a: RowSet, b: RowSet, rowCount: number): RowSet {
  if (a.kind === 'rows') return { kind: 'rows', rows: keepRows(a.rows, b) };
  if (b.kind === 'rows') return { kind: 'rows', rows: keepRows(b.rows, a) };
  if (a.kind === 'ranges' && b.kind === 'ranges') {
    return { kind: 'ranges', ranges: commonRanges(a.ranges, b.ranges) };
  }
  const other = bitsOf(b, rowCount);
  return { kind: 'bits', bits: bitsOf(a, rowCount).map((word, i) => word & other[i]!) };
}

/** Those of some ascending rows that are in the set. */
function keepRows(rows: Uint32Array, set: RowSet): Uint32Array {
  if (set.kind === 'bits') {
    const { bits } = set;
    return rows.filter((row) => (bits[row >>> 5]! >>> (row & 31)) & 1);
  }
  if (set.kind === 'rows') return commonRows(rows, set.rows);
  const { ranges } = set;
  let i = 0;
  return rows.filter((row) => {
    while (i < ranges.length && ranges[i + 1]! <= row) i += 2;
    return i < ranges.length && ranges[i]! <= row;
  });
}

/** So many times more rows on one side: then each of the other's is looked for, rather than all passed. */
const FAR_MORE = 32;

function commonRows(a: Uint32Array, b: Uint32Array): Uint32Array {
  const [few, many] = a.length < b.length ? [a, b] : [b, a];
  if (many.length > FAR_MORE * few.length) {
    return few.filter((row) => many[place(many, row)] === row);
  }
  let at = 0;
  return few.filter((row) => {
    while (at < many.length && many[at]! < row) at++;
    return many[at] === row;
  });
}

function commonRanges(a: Uint32Array, b: Uint32Array): Uint32Array {
  const common: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const from = Math.max(a[i]!, b[j]!);
    const to = Math.min(a[i + 1]!, b[j + 1]!);
    if (from < to) common.push(from, to);
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return Uint32Array.from(common);
}

/** Rows of [0, rowCount) that are not in the set. */
export function complementRows(set: RowSet, rowCount: number): RowSet {
  if (set.kind === 'ranges') {
    const inside = [...set.ranges];
    const edges = [0, ...inside, rowCount];
    const pairs = edges.flatMap((from, i) =>
      i % 2 === 0 && from < edges[i + 1]! ? [from, edges[i + 1]!] : [],
    );
    return { kind: 'ranges', ranges: Uint32Array.from(pairs) };
  }
  const bits = bitsOf(set, rowCount).map((word) => ~word);
  clearTail(bits, rowCount);
  return { kind: 'bits', bits };
}
