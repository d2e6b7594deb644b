import { type Table, tableFromIPC, Vector } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Json, type Value, type ValueType } from '../../model/index.js';
import { jsonValue } from '../json/json-values.js';
import type { ResultField } from '../result.js';
import type { SqlResult } from '../sql/index.js';
import { QUERIES, randomAnswer, resultOf } from './answers-testing.js';
import { nativeArrow, sqlArrow } from './arrow-answers.js';

const [timeseries, asLong, inZone] = QUERIES.map(({ query }) => query);

const tableOf = async (pieces: Promise<Iterable<Uint8Array>>): Promise<Table> =>
  tableFromIPC(Buffer.concat([...(await pieces)]));

/** What a client reads of a column. */
function cellsOf(table: Table, column: number): unknown[] {
  const vector = table.getChildAt(column);
  if (vector === null) return [];
  return [...vector].map((cell) => (cell instanceof Vector ? [...cell] : cell));
}

/** The same, said of the values one by one. */
function expectedCells({ type }: ResultField, values: readonly Value[]): unknown[] {
  const isText = type === 'STRING' && !values.some(Array.isArray);
  const isWhole = values.every((value) => value !== 2.5);
  return values.map((value) => {
    if (value === null || isText) return value;
    if (type === 'LONG') return isWhole ? BigInt(value as number) : Number(value);
    if (type === 'STRING') return [value].flat();
    if (type === 'ARRAY<LONG>') return (value as number[]).map((n) => (n === null ? n : BigInt(n)));
    if (!type.startsWith('COMPLEX<')) return value;
    return jsonValue(value, type);
  });
}

test('has the values of the answer, column by column', async () => {
  await fc.assert(
    fc.asyncProperty(randomAnswer, async (answer) => {
      const result = resultOf(answer);
      const { fields, rows } = result;
      const table = await tableOf(nativeArrow(timeseries!, result));
      expect(table.numRows).toBe(rows.length);
      expect(table.schema.fields.map(({ name }) => name)).toEqual(fields.map(({ name }) => name));
      for (const [i, field] of fields.entries()) {
        const values = rows.map((row) => row[i]!);
        const expected = i === 0 ? values : expectedCells(field, values);
        expect(cellsOf(table, i)).toEqual(expected);
      }
    }),
    { numRuns: 150 },
  );
});

const typesOf = ({ schema }: Table): string[] => schema.fields.map(({ type }) => String(type));

describe('the type of a column', () => {
  const LONG_LIST: Value = [1, 2n ** 62n, null];
  test.each<{ type: ValueType; values: readonly Value[]; expected: string }>([
    { type: 'LONG', values: [1, 2n ** 62n, null], expected: 'Int64' },
    { type: 'LONG', values: [], expected: 'Int64' },
    { type: 'LONG', values: [1, 2.5], expected: 'Float64' },
    { type: 'LONG', values: ['x'], expected: 'Utf8' },
    { type: 'DOUBLE', values: [1, Number.NaN], expected: 'Float64' },
    { type: 'FLOAT', values: [1], expected: 'Float32' },
    { type: 'STRING', values: ['a', null], expected: 'Utf8' },
    { type: 'STRING', values: ['a', ['b', null]], expected: 'List<Utf8>' },
    { type: 'ARRAY<STRING>', values: [], expected: 'List<Utf8>' },
    { type: 'ARRAY<LONG>', values: [LONG_LIST], expected: 'List<Int64>' },
    { type: 'ARRAY<DOUBLE>', values: [[0.5]], expected: 'List<Float64>' },
    { type: 'COMPLEX<json>', values: [Json.ofText('{"a":1}')], expected: 'Utf8' },
  ])('$type $values is $expected', async ({ type, values, expected }) => {
    const fields = [{ name: 'a', type }];
    const result = resultOf({ fields, rows: values.map((value) => [value]) });
    expect(typesOf(await tableOf(nativeArrow(timeseries!, result)))).toEqual([expected]);
  });

  test('of __time is an instant in the zone of its buckets, or milliseconds', async () => {
    const result = resultOf({ fields: [{ name: '__time', type: 'LONG' }], rows: [[0], [null]] });
    const types = [timeseries, inZone, asLong].map((query) => nativeArrow(query!, result));
    const tables = await Promise.all(types.map(tableOf));
    expect(tables.flatMap(typesOf)).toEqual([
      'Timestamp<MILLISECOND, UTC>',
      'Timestamp<MILLISECOND, Asia/Kolkata>',
      'Int64',
    ]);
  });

  test('of SQL', async () => {
    const columns = [
      { name: 't', type: 'TIMESTAMP', value: 86_400_000, expected: 'Timestamp<MILLISECOND, UTC>' },
      { name: 'b', type: 'BOOLEAN', value: 1, expected: 'Bool' },
      { name: 'n', type: 'BIGINT', value: 2n ** 62n, expected: 'Int64' },
      { name: 's', type: 'VARCHAR', value: 'x', expected: 'Utf8' },
      { name: 'a', type: 'DOUBLE ARRAY', value: [1, null], expected: 'List<Float64>' },
    ] as const;
    const rows = [columns.map(({ value }) => value), columns.map(() => null)];
    const sql: SqlResult = { columns, rows, timeZone: 'UTC', stringifyArrays: true };
    const table = await tableOf(sqlArrow(sql));
    expect(typesOf(table)).toEqual(columns.map(({ expected }) => expected));
    expect(columns.map((_, i) => cellsOf(table, i))).toEqual([
      [86_400_000, null],
      [true, null],
      [2n ** 62n, null],
      ['x', null],
      [[1, null], null],
    ]);
  });
});

test('many rows are batches, each of them made when it is wanted', async () => {
  let read = 0;
  const rows = Array.from({ length: 10_000 }, (_, i) => [i] as const);
  const watched = new Proxy(rows, {
    get: (target, key) => {
      if (key === 'slice') read++;
      return Reflect.get(target, key);
    },
  });
  const result = {
    ...resultOf({ fields: [{ name: 'n', type: 'LONG' }], rows: [] }),
    rows: watched,
  };
  const pieces = (await nativeArrow(timeseries!, result))[Symbol.iterator]();
  const first = pieces.next();
  expect(read).toBe(1);
  const all = [first.value as Uint8Array];
  for (let each = pieces.next(); each.done !== true; each = pieces.next()) all.push(each.value);
  expect(read).toBe(3);
  const table = tableFromIPC(Buffer.concat(all));
  expect(table.numRows).toBe(10_000);
  expect(cellsOf(table, 0)).toEqual(rows.map(([n]) => BigInt(n)));
});
