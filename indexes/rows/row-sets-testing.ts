import type { RowSet } from './row-set.js';

/** For tests: a set of ascending rows below a count, in each of its forms. */
export const rowSetForms = (rowCount: number): ((rows: readonly number[]) => RowSet)[] => [
  (rows) => ({ kind: 'rows', rows: Uint32Array.from(rows) }),
  (rows) => {
    const starts = rows.filter((row, i) => rows[i - 1] !== row - 1);
    const ends = rows.filter((row, i) => rows[i + 1] !== row + 1).map((row) => row + 1);
    const ranges = Uint32Array.from(starts.flatMap((start, i) => [start, ends[i]!]));
    return { kind: 'ranges', ranges };
  },
  (rows) => {
    const bits = new Uint32Array(Math.ceil(rowCount / 32));
    for (const row of rows) bits[row >>> 5]! |= 1 << (row & 31);
    return { kind: 'bits', bits };
  },
];
