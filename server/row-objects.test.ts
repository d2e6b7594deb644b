import { expect, test } from 'vitest';
import type { Value } from '../model/index.js';
import type { SqlColumn, SqlResult } from '../query/index.js';
import { rowObjects } from './row-objects.js';

const resultOf = (
  columns: readonly (readonly [string, SqlColumn['type']])[],
  rows: readonly (readonly Value[])[],
  timeZone = 'UTC',
): SqlResult => ({
  columns: columns.map(([name, type]) => ({ name, type })),
  rows,
  timeZone,
  stringifyArrays: false,
});

const NOON_MS = Date.UTC(2024, 6, 1, 12);

test.each<{ type: SqlColumn['type']; value: Value; timeZone?: string; expected: unknown }>([
  { type: 'TIMESTAMP', value: NOON_MS, expected: '2024-07-01T12:00:00.000Z' },
  {
    type: 'TIMESTAMP',
    value: NOON_MS,
    timeZone: 'America/New_York',
    expected: '2024-07-01T08:00:00.000-04:00',
  },
  { type: 'DATE', value: Date.UTC(2024, 6, 1), expected: '2024-07-01T00:00:00.000Z' },
  { type: 'TIMESTAMP', value: 0, expected: '1970-01-01T00:00:00.000Z' },
  { type: 'BOOLEAN', value: 1, expected: true },
  { type: 'BOOLEAN', value: 0, expected: false },
  { type: 'BIGINT', value: 0, expected: 0 },
  { type: 'BIGINT', value: 2n ** 53n + 1n, expected: 9007199254740993n },
  { type: 'DOUBLE', value: 0.5, expected: 0.5 },
  { type: 'VARCHAR', value: '', expected: '' },
  { type: 'VARCHAR', value: ['a', null], expected: ['a', null] },
])('$type of $value', ({ type, value, timeZone, expected }) => {
  const rows = rowObjects(resultOf([['c', type]], [[value], [null]], timeZone));
  expect(rows.map((row) => row.c)).toEqual([expected, null]);
});

test('names of columns are keys, whatever they are', () => {
  const names = ['__proto__', 'constructor', '', 'a b'];
  const [row] = rowObjects(
    resultOf(
      names.map((name) => [name, 'VARCHAR'] as const),
      [['p', 'c', 'e', 'ab']],
    ),
  );
  expect(Object.keys(row!)).toEqual(names);
  expect(names.map((name) => row![name])).toEqual(['p', 'c', 'e', 'ab']);
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

test('no rows, and rows that are cut short', () => {
  const columns = [['a', 'BIGINT'] as const, ['b', 'BIGINT'] as const];
  expect(rowObjects(resultOf(columns, []))).toEqual([]);
  expect(rowObjects(resultOf(columns, [[1]]))).toEqual([{ a: 1, b: null }]);
});
