import { isNull, type Long } from '../../core/index.js';
import type { NumberColumn } from '../column.js';
import { longAt } from '../range/long-at.js';

/** Visits the numbers of rows that are not null, in order. */
export function eachNumber(column: NumberColumn, visit: (value: Long) => void): void {
  const { nulls, rowCount } = column;
  for (let row = 0; row < rowCount; row++) {
    if (nulls !== null && isNull(nulls, row)) continue;
    visit(column.kind === 'LONG' ? longAt(column, row)! : column.values[row]!);
  }
}

const LG_SLOTS = 14;

/** The same, but of numbers that come again perhaps only the first: such as lie where `recent` has them. */
export function distinctNumbers(column: NumberColumn, visit: (value: Long) => void): void {
  const recent = new Float64Array(2 ** LG_SLOTS).fill(Number.NaN);
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  eachNumber(column, (value) => {
    double[0] = Number(value);
    const mixed = Math.imul(words[0]!, 0x9e3779b1) ^ Math.imul(words[1]!, 0x85ebca6b);
    const slot = mixed >>> (32 - LG_SLOTS);
    if (recent[slot] === value) return;
    if (typeof value === 'number') recent[slot] = value;
    visit(value);
  });
}
