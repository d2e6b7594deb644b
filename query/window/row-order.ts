import { z } from 'zod';
import { isJsonObject, type Pace, type Turns, UserError } from '../../core/index.js';
import { compareValues, isComplexType, parseEach } from '../../model/index.js';
import { badField, readFields, shown, textField, wordField } from '../native/fields.js';
import type { WindowRows } from './window-rows.js';

/** A column that rows are sorted by. Nulls are the lowest values. */
export interface ColumnOrder {
  readonly column: string;
  readonly descending: boolean;
}

const Schema = z.object({ column: textField, direction: wordField(['ASC', 'DESC'], 'ASC') });

/** Reads `[{"column":…,"direction":"ASC"}]`; an absent list is empty. */
export const readColumnOrders = (json: unknown, field: string): ColumnOrder[] =>
  parseEach(json, field, (item, path) => {
    if (!isJsonObject(item)) throw badField(path, `want an object; got ${shown(item)}`);
    const { column, direction } = readFields(Schema, item, path);
    return { column, descending: direction === 'DESC' };
  });

export const ascending = (columns: readonly string[]): ColumnOrder[] =>
  columns.map((column) => ({ column, descending: false }));

/** Compares rows by their ids. A column that is not there holds nulls. */
export type CompareRows = (a: number, b: number) => number;

/** Throws a UserError that names `field` for a column whose values have no order. */
export function compareRows(
  rows: WindowRows,
  orders: readonly ColumnOrder[],
  field: string,
): CompareRows {
  const keys = orders.flatMap(({ column: name, descending }) => {
    const column = rows.columns.get(name);
    if (column === undefined) return [];
    const { type, values } = column;
    if (isComplexType(type)) throw withoutOrder(field, name, type);
    return [{ values, compare: compareValues(type), sign: descending ? -1 : 1 }];
  });
  return (a, b) => {
    for (let i = 0; i < keys.length; i++) {
      const { values, compare, sign } = keys[i]!;
      const order = compare(values[a]!, values[b]!);
      if (order !== 0) return sign * order;
    }
    return 0;
  };
}

const withoutOrder = (field: string, name: string, type: string): UserError =>
  new UserError(
    `${field}: values of column [${name}] are ${type}, which have no order; name a column of texts, numbers or arrays`,
    'query',
    field,
  );

/**
 * The first positions of runs of neighbours that are equal, which end where those of `within` do; the number of rows is
 * the last entry.
 */
export function* runsOf(
  { order }: WindowRows,
  within: Uint32Array,
  compare: CompareRows,
  pace: Pace,
): Turns<Uint32Array> {
  const starts = new Uint32Array(order.length + 1);
  let count = 0;
  for (let part = 0; part < within.length - 1; part++) {
    const to = within[part + 1]!;
    starts[count++] = within[part]!;
    for (let at = within[part]! + 1; at < to; at++) {
      if (compare(order[at - 1]!, order[at]!) !== 0) starts[count++] = at;
      if (pace.isDue(1)) yield;
    }
    if (pace.isDue(1)) yield;
  }
  starts[count++] = order.length;
  return starts.slice(0, count);
}
