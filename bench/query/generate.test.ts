import { createHash } from 'node:crypto';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DATA_SETS } from './data-sets.js';
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

  test('query ids are unique', () => {
    const ids = dataSet.queries.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
