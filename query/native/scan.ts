import { z } from 'zod';
import { isJsonObject, type JsonObject, UnsupportedError } from '../../core/index.js';
import { isAbsent, type QueryReader, readBase } from './base.js';
import {
  badField,
  childField,
  flagField,
  integerField,
  namesField,
  readFields,
  shown,
  textField,
  wordField,
} from './fields.js';
import type { ScanQuery } from './query.js';

/** Druid's default: 4096 * 5 events in one element of the response. */
const DEFAULT_BATCH_SIZE = 20_480;

const Schema = z.object({
  columns: namesField,
  resultFormat: wordField(['list', 'compactedList', 'valueVector'], 'list'),
  batchSize: integerField,
  limit: integerField,
  offset: integerField,
  order: wordField(['none', 'ascending', 'descending'], 'none'),
  legacy: flagField(false),
});

export const readScan: QueryReader = (json, field, parseQuery) => {
  const base = readBase(json, field, parseQuery);
  const read = readFields(Schema, json, field);
  const { columns, resultFormat, limit, offset, batchSize } = read;
  if (resultFormat === 'valueVector' || read.legacy) {
    const [name, remedy] = read.legacy
      ? ['legacy', 'leave it out: the time is the column "__time"']
      : ['resultFormat', 'use "list" or "compactedList" instead of "valueVector"'];
    throw new UnsupportedError(`${childField(field, name)} is not supported: ${remedy}`);
  }
  refuseBelow(batchSize, 1, childField(field, 'batchSize'));
  refuseBelow(limit, 0, childField(field, 'limit'));
  refuseBelow(offset, 0, childField(field, 'offset'));
  const order = orderOf(json, read.order, field);
  if (order !== 'none' && columns.length > 0 && !columns.includes('__time')) {
    throw badField(
      childField(field, 'columns'),
      'the __time column must be among the columns of a scan that is ordered by time',
    );
  }
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) {
    throw badField(childField(field, 'columns'), `column [${twice}] is named twice`);
  }
  return {
    ...base,
    queryType: 'scan',
    columns,
    resultFormat,
    batchSize: batchSize ?? DEFAULT_BATCH_SIZE,
    limit: limit === 0 ? null : limit,
    offset: offset ?? 0,
    order,
  };
};

function refuseBelow(value: number | null, least: number, field: string): void {
  if (value !== null && value < least) throw badField(field, `want ${least} or more; got ${value}`);
}

const OrderBySchema = z.object({
  columnName: textField,
  order: wordField(['ascending', 'descending'], 'ascending'),
});

/** `order`, or the newer `orderBy`, which may name `__time` only. */
function orderOf(json: JsonObject, order: ScanQuery['order'], field: string): ScanQuery['order'] {
  if (isAbsent(json.orderBy)) return order;
  const path = childField(field, 'orderBy');
  if (!Array.isArray(json.orderBy)) {
    throw badField(path, `want a list; got ${shown(json.orderBy)}`);
  }
  const [first, ...rest] = json.orderBy as readonly unknown[];
  if (first === undefined) return order;
  if (!isJsonObject(first)) throw badField(`${path}[0]`, `want an object; got ${shown(first)}`);
  const read = readFields(OrderBySchema, first, `${path}[0]`);
  if (read.columnName !== '__time' || rest.length > 0) {
    throw new UnsupportedError(
      `${path}: scans order by "__time" only; use SQL's ORDER BY, or a groupBy with a limitSpec`,
    );
  }
  return read.order;
}
