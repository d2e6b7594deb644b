import { formatInstant, type Value } from '../model/index.js';
import type { SqlColumn, SqlResult } from '../query/index.js';

/**
 * SQL rows as objects for JavaScript: TIMESTAMP and DATE are ISO text in the statement's zone,
 * BOOLEAN is a boolean, BIGINT a number or, beyond 2^53, a bigint, arrays are arrays.
 */
export function rowObjects(result: SqlResult): Record<string, unknown>[] {
  const columns = result.columns.map((column) => ({
    name: column.name,
    convert: converter(column, result.timeZone),
  }));
  return result.rows.map((row) => {
    const object: Record<string, unknown> = Object.create(null);
    columns.forEach(({ name, convert }, i) => {
      const value = row[i] ?? null;
      object[name] = value === null ? null : convert(value);
    });
    return object;
  });
}

function converter({ type }: SqlColumn, timeZone: string): (value: Value) => unknown {
  switch (type) {
    case 'TIMESTAMP':
    case 'DATE':
      return (value) => formatInstant(Number(value), timeZone);
    case 'BOOLEAN':
      return (value) => Number(value) > 0;
    default:
      return (value) => value;
  }
}
