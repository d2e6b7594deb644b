import type { CodeRange, CodeSet } from '../../indexes/index.js';

export { type CodeRange, type CodeSet, hasCode } from '../../indexes/index.js';

/** More ranges than this are a table: each is compared with all rows. */
const MAX_RANGES = 4;

/** The cheapest form of a table. */
export function setOfTable(table: Uint8Array): CodeSet {
  const from = table.indexOf(1);
  if (from < 0) return { kind: 'ranges', ranges: [] };
  const to = table.lastIndexOf(1) + 1;
  const isRange = table.subarray(from, to).indexOf(0) < 0;
  return isRange ? { kind: 'ranges', ranges: [{ from, to }] } : { kind: 'table', table };
}

/** Ranges in any order, which may meet, overlap or be empty. */
export function setOfRanges(ranges: readonly CodeRange[], size: number): CodeSet {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    if (from >= to) continue;
    const last = joined[joined.length - 1];
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  if (joined.length <= MAX_RANGES) return { kind: 'ranges', ranges: joined };
  const table = new Uint8Array(size);
  for (const { from, to } of joined) table.fill(1, from, to);
  return { kind: 'table', table };
}

/** The codes of [first, size) that are not in the set. */
export function othersThan(set: CodeSet, first: number, size: number): CodeSet {
  if (set.kind === 'table') {
    return setOfTable(set.table.map((isIn, code) => (code < first ? 0 : 1 - isIn)));
  }
  const starts = [first, ...set.ranges.map(({ to }) => to)];
  const ends = [...set.ranges.map(({ from }) => from), size];
  return setOfRanges(
    starts.map((from, i) => ({ from: Math.max(first, from), to: ends[i]! })),
    size,
  );
}

/** The codes that are in one of two sets. */
export function unitedSets(a: CodeSet, b: CodeSet, size: number): CodeSet {
  if (a.kind === 'ranges' && b.kind === 'ranges') {
    return setOfRanges([...a.ranges, ...b.ranges], size);
  }
  const table = new Uint8Array(size);
  if (a.kind === 'table') table.set(a.table);
  if (b.kind === 'table') {
    const { table: other } = b;
    for (let code = other.indexOf(1); code >= 0; code = other.indexOf(1, code + 1)) table[code] = 1;
  }
  for (const set of [a, b]) {
    if (set.kind === 'ranges') for (const { from, to } of set.ranges) table.fill(1, from, to);
  }
  return setOfTable(table);
}

/** The set and one more code. */
export function withCode(set: CodeSet, code: number, size: number): CodeSet {
  if (set.kind === 'ranges')
    return setOfRanges([...set.ranges, { from: code, to: code + 1 }], size);
  const table = set.table.slice();
  table[code] = 1;
  return setOfTable(table);
}

/** The codes from the first one of the set to the last one. */
export function spanOfSet(set: CodeSet): CodeRange {
  if (set.kind === 'table') return { from: 0, to: set.table.length };
  return { from: set.ranges[0]?.from ?? 0, to: set.ranges.at(-1)?.to ?? 0 };
}

/** The codes of the set that are less than `size`. */
export const codesBelow = (set: CodeSet, size: number): CodeSet =>
  set.kind === 'table'
    ? setOfTable(set.table.subarray(0, size))
    : setOfRanges(
        set.ranges.map(({ from, to }) => ({ from, to: Math.min(to, size) })),
        size,
      );

/** How many codes are in the set. */
export const sizeOfSet = (set: CodeSet): number =>
  set.kind === 'table'
    ? set.table.reduce((sum, isIn) => sum + isIn, 0)
    : set.ranges.reduce((sum, { from, to }) => sum + to - from, 0);

/** Bytes that it takes, about. */
export const bytesOfSet = (set: CodeSet): number => (set.kind === 'table' ? set.table.length : 64);
