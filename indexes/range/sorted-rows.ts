import { isNull, writeSortableDouble } from '../../core/index.js';
import type { DoubleVector, FloatVector, LongWords, NumberColumn } from '../column.js';

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;

/** Rows that are not null in the order of their values; those of one value ascend. -0 comes before 0, NaN last. */
export function sortedRows(column: NumberColumn): Uint32Array {
  const rows = validRows(column);
  if (column.kind === 'LONG' && column.layout === 'offsets') {
    return sortBy(rows, (row) => column.offsets[row]!);
  }
  const { high, low } = sortableWords(column);
  return sortBy(
    sortBy(rows, (row) => low[row]!),
    (row) => high[row]!,
  );
}

function validRows({
  rowCount,
  nulls,
}: {
  rowCount: number;
  nulls: Uint8Array | null;
}): Uint32Array {
  const rows = new Uint32Array(rowCount);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    if (nulls === null || !isNull(nulls, row)) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

/** Two unsigned words a row, which sort as the values do. */
function sortableWords(column: LongWords | DoubleVector | FloatVector) {
  const { rowCount } = column;
  const high = new Uint32Array(rowCount);
  const low = new Uint32Array(rowCount);
  const words = new Uint32Array(2);
  for (let row = 0; row < rowCount; row++) {
    if (column.kind === 'LONG') {
      high[row] = column.words[2 * row + 1]! ^ 0x80000000;
      low[row] = column.words[2 * row]!;
    } else {
      writeSortableDouble(words, 0, column.values[row]!);
      high[row] = words[0]!;
      low[row] = words[1]!;
    }
  }
  return { high, low };
}

/** Sorts rows by an unsigned word, keeping the order of equals: a radix sort, of as many digits as differ. */
function sortBy(rows: Uint32Array, keyOf: (row: number) => number): Uint32Array {
  let keys = rows.map(keyOf);
  let sorted = rows;
  const differing = keys.reduce((bits, key) => bits | (key ^ keys[0]!), 0);
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    if (((differing >>> shift) & (DIGITS - 1)) === 0) continue;
    const starts = digitStarts(keys, shift);
    const nextKeys = new Uint32Array(keys.length);
    const nextRows = new Uint32Array(keys.length);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const at = starts[(key >>> shift) & (DIGITS - 1)]!++;
      nextKeys[at] = key;
      nextRows[at] = sorted[i]!;
    }
    keys = nextKeys;
    sorted = nextRows;
  }
  return sorted;
}

/** By digit, how many keys have a lower one. */
function digitStarts(keys: Uint32Array, shift: number): Uint32Array {
  const starts = new Uint32Array(DIGITS + 1);
  for (let i = 0; i < keys.length; i++) starts[((keys[i]! >>> shift) & (DIGITS - 1)) + 1]!++;
  for (let digit = 1; digit < DIGITS; digit++) starts[digit]! += starts[digit - 1]!;
  return starts;
}
