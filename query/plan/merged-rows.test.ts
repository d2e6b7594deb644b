import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import { parseNativeQuery } from '../native/registry.js';
import { TestTables, testEngine } from '../testing.js';

const ROW_COUNT = 6000;

/** Narrow and wide numbers, more texts than are decoded where they are found, nulls, and one value for all. */
const ROWS = Array.from({ length: ROW_COUNT }, (_, i) => ({
  __time: i * 600_000,
  s: i % 7 === 0 ? null : `t${(i * 31) % 2500}`,
  n: (i * 13) % 50,
  w: i % 11 === 0 ? null : ((i * 17) % 2000) * 2 ** 36,
  x: (i * 29) % 3000,
  d: i % 5 === 0 ? null : ((i * 7) % 40) / 4,
  one: 'one',
}));
const TYPES = { s: 'STRING', n: 'LONG', w: 'LONG', x: 'LONG', d: 'DOUBLE', one: 'STRING' } as const;
const tables = new TestTables().addSealed('t', { dimensions: TYPES }, [{ rows: ROWS }], ROW_COUNT);
afterAll(() => tables.close());

type Name = keyof typeof TYPES;

const dimension = (name: string) => ({
  type: 'default',
  dimension: name,
  outputName: name,
  outputType: TYPES[name as Name],
});

const INNER_AGGREGATIONS: readonly JsonObject[] = [
  { type: 'count', name: 'rows' },
  { type: 'longSum', name: 'sum', fieldName: 'x' },
  { type: 'longSum', name: 'next', expression: 'x + 1' },
  { type: 'doubleMax', name: 'most', fieldName: 'd' },
  {
    type: 'filtered',
    filter: { type: 'bound', dimension: 'n', lower: '25', ordering: 'numeric' },
    aggregator: { type: 'longMin', name: 'least', fieldName: 'x' },
  },
];
const OUTER_AGGREGATIONS: readonly JsonObject[] = [
  { type: 'count', name: 'c' },
  { type: 'longSum', name: 'a', fieldName: 'rows' },
  { type: 'longSum', name: 'b', fieldName: 'sum' },
  { type: 'longMax', name: 'e', fieldName: 'next' },
  { type: 'longMin', name: 'f', fieldName: 'least' },
  { type: 'doubleMax', name: 'g', fieldName: 'most' },
  { type: 'longMax', name: 'h', fieldName: 'w' },
  {
    type: 'filtered',
    filter: { type: 'not', field: { type: 'null', column: 's' } },
    aggregator: { type: 'count', name: 'i' },
  },
];
const FILTERS: readonly (JsonObject | null)[] = [
  null,
  { type: 'like', dimension: 's', pattern: 't1%' },
  { type: 'bound', dimension: 'n', lower: '10', upper: '30', ordering: 'numeric' },
  { type: 'bound', dimension: 'sum', lower: '2000', ordering: 'numeric' },
  { type: 'null', column: 'w' },
];

const some = <T>(list: readonly T[]) => fc.subarray([...list], { minLength: 1 });
const queries = fc
  .record({
    inner: fc.subarray(Object.keys(TYPES) as Name[], { minLength: 1, maxLength: 3 }),
    granularity: fc.constantFrom('all', 'day'),
    outer: fc.subarray(Object.keys(TYPES) as Name[], { maxLength: 2 }),
    outerGranularity: fc.constantFrom('all', 'day'),
    aggregations: some(OUTER_AGGREGATIONS),
    filter: fc.constantFrom(...FILTERS),
  })
  .map(({ inner, granularity, outer, outerGranularity, aggregations, filter }) => ({
    queryType: 'groupBy',
    granularity: outerGranularity,
    intervals: '1970/1971',
    dimensions: outer.map(dimension),
    aggregations,
    filter,
    dataSource: {
      type: 'query',
      query: {
        queryType: 'groupBy',
        dataSource: 't',
        granularity,
        intervals: '1970/1971',
        dimensions: inner.map(dimension),
        aggregations: INNER_AGGREGATIONS,
      },
    },
  }));

/** In jobs of so many rows: more than one give blocks, which are merged and read where they are merged. */
const rowsOf = async (query: object, rowsPerJob: number) =>
  (await testEngine(tables, { rowsPerJob }).run(parseNativeQuery(query))).rows;

test('an outer query reads merged groups as it reads any rows', async () => {
  await fc.assert(
    fc.asyncProperty(queries, async (query) => {
      expect(await rowsOf(query, 700)).toEqual(await rowsOf(query, 1_000_000));
    }),
    { numRuns: draws(80) },
  );
});

test('distinct values are counted exactly', async () => {
  const query = (column: Name) => ({
    queryType: 'timeseries',
    granularity: 'all',
    intervals: '1970/1971',
    aggregations: [{ type: 'count', name: 'c' }],
    filter: { type: 'not', field: { type: 'null', column } },
    dataSource: {
      type: 'query',
      query: {
        queryType: 'groupBy',
        dataSource: 't',
        granularity: 'all',
        intervals: '1970/1971',
        dimensions: [dimension(column)],
      },
    },
  });
  for (const column of Object.keys(TYPES) as Name[]) {
    const values = new Set(ROWS.map((row) => row[column]).filter((value) => value !== null));
    expect([column, (await rowsOf(query(column), 700))[0]!.at(-1)]).toEqual([column, values.size]);
  }
});

test('a limit on inner rows counts the groups that are merged', async () => {
  const query = {
    queryType: 'timeseries',
    granularity: 'all',
    intervals: '1970/1971',
    aggregations: [{ type: 'count', name: 'c' }],
    context: { maxSubqueryRows: 100 },
    dataSource: {
      type: 'query',
      query: {
        queryType: 'groupBy',
        dataSource: 't',
        granularity: 'all',
        intervals: '1970/1971',
        dimensions: [dimension('x')],
      },
    },
  };
  await expect(rowsOf(query, 700)).rejects.toThrow('the inner groupBy has 3000');
  await expect(rowsOf(query, 1_000_000)).rejects.toThrow('the inner groupBy has 3000');
});
