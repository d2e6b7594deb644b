import { type JsonObject, UserError } from '../../../core/index.js';
import { timestampParser } from '../../../model/index.js';
import { valuesOf } from '../../input/batch.js';
import { shown } from '../../spec/fields.js';
import { readBody } from '../bodies/read-body.js';
import type { PushRequest } from '../types.js';
import { parseTableSpec } from './table-spec.js';

/** Names that a time may have, in lower case; the first one that holds times is taken. */
const TIME_NAMES = [
  '__time',
  'timestamp',
  '@timestamp',
  'time',
  'ts',
  'event_time',
  'eventtime',
  'event_timestamp',
  'datetime',
  'date',
  'created_at',
  'createdat',
  't',
];

/** How many rows are looked at. */
const MAX_ROWS = 1_000;

/**
 * Numbers of these sizes are times of our day in other units than milliseconds: as milliseconds they
 * would be of 1970 or beyond the year 5000.
 */
const UNITS = [
  { format: 'posix', from: 1e8, to: 1e10 },
  { format: 'micro', from: 1e14, to: 1e17 },
  { format: 'nano', from: 1e17, to: 1e20 },
];

/**
 * The spec of a table that nobody declared, made from the first rows for it: their time, and every
 * other field as a dimension of the type that it shows first; a segment a day, no rollup. Throws UserError when
 * no field is a time.
 */
export function discoveredSpec(
  name: string,
  { format, body, columns = null }: Pick<PushRequest, 'format' | 'body' | 'columns'>,
): JsonObject {
  const { batch } = readBody(format, body, { maxRowBytes: body.length, columns });
  const names = [...batch.columns.keys()];
  for (const known of TIME_NAMES) {
    const column = names.find((each) => each.toLowerCase() === known);
    if (column === undefined) continue;
    const values = Array.from(valuesOf(batch.columns.get(column)!)).slice(0, MAX_ROWS);
    const unit = formatOf(values);
    if (unit !== null) return specOf(name, column, unit);
  }
  throw new UserError(
    `table ${shown(name)} is not declared, and no field of these rows is known as a time: want one of ${TIME_NAMES.join(', ')} ` +
      `with ISO-8601 texts or numbers since 1970; got ${shown(names)}. Declare the table, PUT /v1/tables/${encodeURIComponent(name)} with a timestampSpec`,
    'spec',
    'timestampSpec.column',
  );
}

function specOf(name: string, column: string, format: string): JsonObject {
  const spec = {
    timestampSpec: { column, format },
    dimensionsSpec: { useSchemaDiscovery: true },
    granularitySpec: { segmentGranularity: 'day', queryGranularity: 'none', rollup: false },
  };
  parseTableSpec(name, spec);
  return spec;
}

/** The format that most of the values have; null when they are no times. */
function formatOf(values: readonly unknown[]): string | null {
  const numbers = values.map(numberOf).filter((number) => number !== null);
  const unit = UNITS.find(({ from, to }) =>
    numbers.every((number) => Math.abs(number) >= from && Math.abs(number) < to),
  );
  const format = numbers.length > values.length / 2 && unit !== undefined ? unit.format : 'auto';
  const parse = timestampParser(format, null);
  const times = values.filter((value) => value instanceof Date || isTime(value, parse));
  return times.length > 0 && times.length >= values.length / 2 ? format : null;
}

function isTime(value: unknown, parse: (value: unknown) => number): boolean {
  try {
    return Number.isSafeInteger(parse(value));
  } catch {
    return false;
  }
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || (typeof value === 'string' && /^\d{1,20}$/.test(value))) {
    return Number(value);
  }
  return null;
}
