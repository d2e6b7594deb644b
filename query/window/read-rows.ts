import type { Pace, Turns } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import type { ResultSet } from '../result.js';
import { type WindowColumn, WindowRows } from './window-rows.js';

/** These of the columns of some rows; what is not among them is left out. */
export function* readRows(
  { fields, rows }: ResultSet,
  names: readonly string[],
  pace: Pace,
): Turns<WindowRows> {
  const rowCount = rows.length;
  const columns = new Map<string, WindowColumn>();
  for (const name of names) {
    const index = fields.findIndex((field) => field.name === name);
    if (index < 0) continue;
    const values = new Array<Value>(rowCount).fill(null);
    for (let row = 0; row < rowCount; row++) {
      values[row] = rows[row]![index] ?? null;
      if (pace.isDue(1)) yield;
    }
    columns.set(name, { name, type: fields[index]!.type, values });
  }
  const order = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) order[row] = row;
  return new WindowRows(columns, rowCount, order);
}
