import { z } from 'zod';
import { isJsonObject, UserError } from '../../core/index.js';
import { compareValues, isComplexType, parseEach } from '../../model/index.js';
import { badField, readFields, shown, textField, wordField } from '../native/fields.js';
import type { Pace } from './pace.js';
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
export async function runsOf(
  { order }: WindowRows,
  within: Uint32Array,
  compare: CompareRows,
  pace: Pace,
): Promise<Uint32Array> {
  const starts = new Uint32Array(order.length + 1);
  let count = 0;
  for (let part = 0; part < within.length - 1; part++) {
    const to = within[part + 1]!;
    starts[count++] = within[part]!;
    for (let at = within[part]! + 1; at < to; at++) {
      if (compare(order[at - 1]!, order[at]!) !== 0) starts[count++] = at;
      if (pace.isDue(1)) await pace.turn();
    }
    if (pace.isDue(1)) await pace.turn();
  }
  starts[count++] = order.length;
  return starts.slice(0, count);
}

/** The ids in order; equal ones stay as they were. */
export async function sortedIds(
  ids: Uint32Array,
  compare: CompareRows,
  pace: Pace,
): Promise<Uint32Array> {
  let source = ids.slice();
  for (let from = 0; from < ids.length; from += SORTED_AT_ONCE) {
    const piece = source.subarray(from, from + SORTED_AT_ONCE).sort(compare);
    if (pace.isDue(COST_OF_SORTING * piece.length)) await pace.turn();
  }
  let target = source.length > SORTED_AT_ONCE ? new Uint32Array(source.length) : source;
  for (let size = SORTED_AT_ONCE; size < ids.length; size *= 2) {
    for (let from = 0; from < ids.length; from += 2 * size) {
      await mergeRuns(source, target, { from, size }, compare, pace);
    }
    [source, target] = [target, source];
  }
  return source;
}

/** Rows that are sorted without a pause, and how many other rows one of them counts for. */
const SORTED_AT_ONCE = 16_384;
const COST_OF_SORTING = 4;

/** Merges the run of `size` ids at `from`, or what there is of it, and the one behind it. */
async function mergeRuns(
  source: Uint32Array,
  target: Uint32Array,
  { from, size }: { readonly from: number; readonly size: number },
  compare: CompareRows,
  pace: Pace,
): Promise<void> {
  const middle = Math.min(from + size, source.length);
  const end = Math.min(middle + size, source.length);
  let left = from;
  let right = middle;
  for (let at = from; at < end; at++) {
    const takesLeft =
      right === end || (left < middle && compare(source[left]!, source[right]!) <= 0);
    target[at] = takesLeft ? source[left++]! : source[right++]!;
    if (pace.isDue(1)) await pace.turn();
  }
}
