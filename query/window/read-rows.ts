import type { Pace, Turns } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import type { GroupRows } from '../interpreter/groups-segment.js';
import type { ResultSet } from '../result.js';
import { type WindowColumn, WindowRows } from './window-rows.js';

/** Rows of an inline data source, or of an inner query, be they groups of which no rows were made. */
export interface RowsOrGroups extends ResultSet {
  readonly groups?: GroupRows;
}

/** These of the columns of some rows; what is not among them is left out. */
export function* readRows(
  { fields, rows, groups }: RowsOrGroups,
  names: readonly string[],
  pace: Pace,
): Turns<WindowRows> {
  const rowCount = groups?.rowCount ?? rows.length;
  const columns = new Map<string, WindowColumn>();
  for (const name of names) {
    const index = fields.findIndex((field) => field.name === name);
    if (index < 0) continue;
    const at = groups === undefined ? valueOfRow(rows, index) : valueOfGroup(groups, name);
    const values = new Array<Value>(rowCount).fill(null);
    for (let row = 0; row < rowCount; row++) {
      values[row] = at(row);
      if (pace.isDue(1)) yield;
    }
    columns.set(name, { name, type: fields[index]!.type, values });
  }
  const order = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) order[row] = row;
  return new WindowRows(columns, rowCount, order);
}

const valueOfRow =
  (rows: ResultSet['rows'], index: number) =>
  (row: number): Value =>
    rows[row]![index] ?? null;

function valueOfGroup({ segment }: GroupRows, name: string): (row: number) => Value {
  const cursor = segment.cursor();
  const reader = cursor.column(name);
  return (row) => {
    cursor.row = row;
    return reader.get();
  };
}
