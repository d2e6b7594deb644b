import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../../core/index.js';
import {
  badField,
  childField,
  isAbsent,
  readFields,
  shown,
  textField,
  wordField,
} from './fields.js';
import type { ScanOrder } from './query.js';

const OrderBySchema = z.object({
  columnName: textField,
  order: wordField(['ascending', 'descending'], 'ascending'),
  nulls: wordField(['default', 'first', 'last'], 'default'),
});

/**
 * Reads how a scan is ordered: by `orderBy`, or by `order`, the old spelling of an order by
 * `__time`. `nulls` (`first` or `last`) is our own; without it nulls are the lowest values.
 */
export function readScanOrder(
  json: JsonObject,
  timeOrder: 'none' | 'ascending' | 'descending',
  field: string,
): ScanOrder[] {
  const byTime = timeOrder === 'none' ? [] : [scanOrder('__time', timeOrder, 'default')];
  if (isAbsent(json.orderBy)) return byTime;
  const path = childField(field, 'orderBy');
  if (!Array.isArray(json.orderBy)) {
    throw badField(path, `want a list; got ${shown(json.orderBy)}`);
  }
  const orderBy = json.orderBy.map((item: unknown, i) => readItem(item, `${path}[${i}]`));
  if (orderBy.length === 0) return byTime;
  const [first, ...rest] = orderBy as [ScanOrder, ...ScanOrder[]];
  const [time] = byTime;
  const isSame = rest.length === 0 && first.name === '__time';
  if (time !== undefined && !(isSame && first.descending === time.descending)) {
    throw badField(path, `"order" [${timeOrder}] asks for another order; leave "order" out`);
  }
  return orderBy;
}

function readItem(json: unknown, field: string): ScanOrder {
  if (!isJsonObject(json)) throw badField(field, `want an object; got ${shown(json)}`);
  const { columnName, order, nulls } = readFields(OrderBySchema, json, field);
  return scanOrder(columnName, order, nulls);
}

function scanOrder(
  name: string,
  order: 'ascending' | 'descending',
  nulls: 'default' | 'first' | 'last',
): ScanOrder {
  const descending = order === 'descending';
  return { name, descending, nullsFirst: nulls === 'default' ? !descending : nulls === 'first' };
}

/** The item of `orderBy` that reads as `column`. */
export function scanOrderSpec({ name, descending, nullsFirst }: ScanOrder): JsonObject {
  const spec = { columnName: name, order: descending ? 'descending' : 'ascending' };
  if (nullsFirst === !descending) return spec;
  return { ...spec, nulls: nullsFirst ? 'first' : 'last' };
}
