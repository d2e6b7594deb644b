import { createHash } from 'node:crypto';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLASSES } from './classes.js';
import { type DataSet, tablesOf } from './data-set.js';
import { rowsSql } from './generate.js';
import { MACROS, mix } from './random.js';

/** The root's own DuckDB: the peers of bench/ need not be installed. */
let duck: DuckDBConnection;

beforeAll(async () => {
  duck = await (await DuckDBInstance.create(':memory:')).connect();
  for (const macro of MACROS) await duck.run(macro);
});

afterAll(() => duck.closeSync());

const rowsOf = async (sql: string) => (await duck.runAndReadAll(sql)).getRowsJson();

const digestOf = async (sql: string): Promise<string> =>
  createHash('sha256')
    .update(JSON.stringify(await rowsOf(sql)))
    .digest('hex');

test('the hash in SQL is the hash in TypeScript', async () => {
  const rows = await rowsOf('SELECT mix(range * 12345, 4000000000)::BIGINT FROM range(1000)');
  expect(rows.map(([value]) => Number(value))).toEqual(
    Array.from({ length: 1000 }, (_, i) => mix(i * 12_345, 4_000_000_000)),
  );
});

const DATA_SETS: readonly DataSet[] = [...new Set(CLASSES.map(({ dataSet }) => dataSet))];

describe.each(DATA_SETS)('$name', (dataSet) => {
  test('the same seed gives the same rows, another seed others', async () => {
    const [first, again, other] = [
      await digestOf(rowsSql(dataSet, 1000, 1)),
      await digestOf(rowsSql(dataSet, 1000, 1)),
      await digestOf(rowsSql(dataSet, 1000, 2)),
    ];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('only nullable columns hold nulls, and times differ', async () => {
    const nulls = dataSet.columns
      .filter(({ nullable }) => !nullable)
      .map(({ name }) => `COUNT(*) - COUNT("${name}")`);
    const [row] = await rowsOf(
      `SELECT ${nulls.join(' + ')}, COUNT(DISTINCT __time) > 10 FROM (${rowsSql(dataSet, 1000)})`,
    );
    expect(row).toEqual(['0', true]);
  });
});

test('query ids are unique', () => {
  const ids = CLASSES.flatMap(({ queries }) => queries.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});

test('the star, joined, is the flat table', async () => {
  const [ssb, star] = ['ssb', 'lineorder'].map(
    (name) => DATA_SETS.find((dataSet) => dataSet.name === name)!,
  ) as [DataSet, DataSet];
  const [orders, ...sides] = tablesOf(star, 1000).map(
    ({ table, rows }) => `(${rowsSql(table, rows)}) AS "${table.name}"`,
  );
  const keys = ['lo_orderdate = d_datekey', 'lo_custkey = c_custkey', 'lo_suppkey = s_suppkey'];
  const joins = [...keys, 'lo_partkey = p_partkey'].map((on, i) => `JOIN ${sides[i]} ON ${on}`);
  const columns = ssb.columns.map(({ name }) => name).join(', ');
  const joined = `SELECT ${columns} FROM ${orders} ${joins.join(' ')}`;
  const flat = `SELECT ${columns} FROM (${rowsSql(ssb, 1000)})`;
  expect(await rowsOf(`${joined} EXCEPT ALL ${flat}`)).toEqual([]);
  expect(await rowsOf(`SELECT COUNT(*) FROM (${joined})`)).toEqual([['1000']]);
});

test('every key of memberships comes twice, with two segments', async () => {
  const star = DATA_SETS.find(({ name }) => name === 'lineorder')!;
  const { table, rows } = tablesOf(star, 1000).find(
    ({ table: { name } }) => name === 'membership',
  )!;
  const groups = `SELECT m_custkey, COUNT(*) AS n, COUNT(DISTINCT m_segment) AS s FROM (${rowsSql(table, rows)}) GROUP BY 1`;
  expect(await rowsOf(`SELECT n, s, COUNT(*) FROM (${groups}) GROUP BY 1, 2`)).toEqual([
    ['2', '2', '2000'],
  ]);
});
