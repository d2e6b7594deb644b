import { z } from 'zod';
import { UnsupportedError } from '../../core/index.js';
import { type QueryReader, readBase } from './base.js';
import {
  badField,
  childField,
  flagField,
  integerField,
  namesField,
  readFields,
  wordField,
} from './fields.js';
import { readScanOrder } from './scan-order.js';

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
  refuseBelow(batchSize, 0, childField(field, 'batchSize'));
  refuseBelow(limit, 0, childField(field, 'limit'));
  refuseBelow(offset, 0, childField(field, 'offset'));
  if (read.order !== 'none' && columns.length > 0 && !columns.includes('__time')) {
    throw badField(
      childField(field, 'columns'),
      'the __time column must be among the columns of a scan with an "order"',
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
    // 0 is Druid's own way to leave these out.
    batchSize: batchSize || DEFAULT_BATCH_SIZE,
    limit: limit || null,
    offset: offset ?? 0,
    orderBy: readScanOrder(json, read.order, field),
  };
};

function refuseBelow(value: number | null, least: number, field: string): void {
  if (value !== null && value < least) throw badField(field, `want ${least} or more; got ${value}`);
}
