import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examplesOf } from '../support/documents.js';
import { REPOSITORY, ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** Three million real flights, loaded by the quickstart's own spec, answer as DuckDB does. */
const data = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data');
const parquet = join(data, 'flights-3m.parquet');
const dataDir = temporaryDirectory('flights');

let server: ServerProcess;
let duck: Awaited<ReturnType<DuckDBInstance['connect']>>;

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir, localRoots: [data] });
  const spec = JSON.parse(readFileSync(join(REPOSITORY, 'examples/flights.json'), 'utf8'));
  spec.spec.ioConfig.inputSource.baseDir = data;
  expect(await server.finished(await server.submit(spec))).toBe('SUCCESS');
  duck = await (await DuckDBInstance.create(':memory:')).connect();
  await duck.run(`CREATE VIEW flights AS SELECT * FROM read_parquet('${parquet}')`);
}, 120_000);

afterAll(async () => {
  await server?.stop();
  duck?.closeSync();
  rmSync(dataDir, { recursive: true, force: true });
});

/** DuckDB's rows with integers as numbers. */
async function expected(sql: string): Promise<unknown[][]> {
  const rows = (await duck.runAndReadAll(sql)).getRows();
  return rows.map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)));
}

test('row count', async () => {
  expect(await server.sql('SELECT COUNT(*) FROM flights')).toEqual([[3_000_000]]);
});

test('count and sum by origin', async () => {
  expect(
    await server.sql(
      'SELECT origin, COUNT(*), SUM(delay), SUM(distance) FROM flights GROUP BY origin ORDER BY origin',
    ),
  ).toEqual(
    await expected(
      'SELECT origin, COUNT(*), SUM(delay), SUM(distance) FROM flights GROUP BY origin ORDER BY origin',
    ),
  );
});

test('top 10 destinations by average delay', async () => {
  const varve = await server.sql(
    'SELECT destination, AVG(CAST(delay AS DOUBLE)) d FROM flights GROUP BY destination ORDER BY d DESC, destination LIMIT 10',
  );
  const peer = await expected(
    'SELECT destination, AVG(delay) d FROM flights GROUP BY destination ORDER BY d DESC, destination LIMIT 10',
  );
  expect(varve.map((row) => row[0])).toEqual(peer.map((row) => row[0]));
  for (const [i, row] of varve.entries()) expect(row[1]).toBeCloseTo(peer[i]?.[1] as number, 9);
});

test('hourly timeseries in America/New_York, natively', async () => {
  const { json } = await server.post('/druid/v2', {
    queryType: 'timeseries',
    dataSource: 'flights',
    intervals: '2001-01-01/2001-08-01',
    granularity: { type: 'period', period: 'PT1H', timeZone: 'America/New_York' },
    aggregations: [
      { type: 'count', name: 'n' },
      { type: 'longSum', name: 'delay', fieldName: 'delay' },
    ],
    context: { skipEmptyBuckets: true },
  });
  const varve = (json as { timestamp: string; result: { n: number; delay: number } }[]).map(
    ({ timestamp, result }) => [Date.parse(timestamp), result.n, result.delay],
  );
  // Bucket in the zone: shift to local wall time, truncate, shift back; DuckDB does it with ICU.
  const peer = await expected(`
    SET TimeZone = 'America/New_York';
    SELECT epoch_ms(date_trunc('hour', (date AT TIME ZONE 'UTC'))) h, COUNT(*), SUM(delay)
    FROM flights GROUP BY h ORDER BY h`);
  expect(varve).toEqual(peer);
});

test('every row is in exactly one segment', async () => {
  const [[rows]] = (await server.sql(
    "SELECT SUM(num_rows) FROM sys.segments WHERE datasource = 'flights'",
  )) as [[number]];
  expect(rows).toBe(3_000_000);
});

const examples = ['README.md', 'docs/queries.md']
  .flatMap(examplesOf)
  .filter(({ language, text }) => language === 'sh' && text.startsWith('curl '));

test('the documents have examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(4);
});

test.each(examples)('the example of $document works as printed', ({ text }) => {
  const command = text.replaceAll('http://127.0.0.1:8888', server.url);
  const answer = JSON.parse(execFileSync('bash', ['-c', command], { encoding: 'utf8' }));
  expect(Object.keys(answer).length).toBeGreaterThan(0);
  expect(answer).not.toHaveProperty('error');
});
