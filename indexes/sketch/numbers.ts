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
