import { isNull, type Long } from '../../core/index.js';
import type { LongOffsets, NumberColumn } from '../column.js';
import { longAt } from '../range/long-at.js';

/** Visits the numbers of rows that are not null, in order. */
export function eachNumber(column: NumberColumn, visit: (value: Long) => void): void {
  const { nulls, rowCount } = column;
  for (let row = 0; row < rowCount; row++) {
    if (nulls !== null && isNull(nulls, row)) continue;
    visit(column.kind === 'LONG' ? longAt(column, row)! : column.values[row]!);
  }
}

/** The same, of numbers that come again perhaps only the first. */
export function distinctNumbers(column: NumberColumn, visit: (value: Long) => void): void {
  if (column.kind === 'LONG' && column.layout === 'offsets' && isNarrow(column)) {
    narrowNumbers(column, visit);
    return;
  }
  let previous: Long | null = null;
  eachNumber(column, (value) => {
    if (value !== previous) visit(value);
    previous = value;
  });
}

const isNarrow = ({ offsets }: LongOffsets): boolean => offsets.BYTES_PER_ELEMENT <= 2;

function narrowNumbers(column: LongOffsets, visit: (value: Long) => void): void {
  const { nulls, rowCount, offsets } = column;
  const isSeen = new Uint8Array(2 ** 16);
  for (let row = 0; row < rowCount; row++) {
    if (isSeen[offsets[row]!] === 1 || (nulls !== null && isNull(nulls, row))) continue;
    isSeen[offsets[row]!] = 1;
    visit(longAt(column, row)!);
  }
}
