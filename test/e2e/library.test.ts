import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examplesOf } from '../support/documents.js';
import { REPOSITORY, temporaryDirectory } from '../support/server-process.js';

/** The engine in this process, from the build output as a user would import it. */
const { open, UserError, UnavailableError } = (await import(
  join(REPOSITORY, 'dist/bundle/index.js')
)) as typeof import('../../server/index.js');

const scratch = temporaryDirectory('library');
const dataDir = join(scratch, 'data');
let varve: Awaited<ReturnType<typeof open>>;

const examples = examplesOf('docs/ingestion.md').filter(({ language }) => language === 'json');
const [spec] = examples;
const compaction = examples.find(({ text }) => text.includes('"compact"'));

beforeAll(async () => {
  varve = await open(dataDir);
});
afterAll(async () => {
  await varve.close();
  rmSync(scratch, { recursive: true, force: true });
});

test('ingests the spec of the manual and counts its row', async () => {
  const phases = new Set<string>();
  const { stats } = await varve.ingest(JSON.parse(spec?.text ?? ''), ({ phase }) => {
    phases.add(phase);
  });
  expect(stats).toMatchObject({ processed: 1, unparseable: 0 });
  expect(varve.tables()).toEqual(['pages']);
});

test('answers SQL in typed rows, with parameters', async () => {
  const rows = await varve.sql<{ page: string; userId: number; at: string }>(
    'SELECT page, userId, __time AS at, views FROM pages WHERE country = ? AND userId > ?',
    ['FR', 3],
  );
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { page: '/', userId: 7, at: '2024-05-01T10:00:00.000Z', views: 1 },
  ]);
});

test('has a table of dead letters before there are any', async () => {
  expect(await varve.sql('SELECT COUNT(*) AS n FROM sys.dead_letters')).toEqual([{ n: 0 }]);
  expect(await varve.sql('SELECT __time, "table", reason, raw FROM sys.dead_letters')).toEqual([]);
  const [listed] = await varve.sql(
    "SELECT TABLE_SCHEMA AS s FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'dead_letters'",
  );
  expect(listed).toEqual({ s: 'sys' });
});

test('answers native queries in the shape of Druid', async () => {
  const answer = await varve.query({
    queryType: 'timeseries',
    dataSource: 'pages',
    intervals: '2024-05-01/P1D',
    granularity: 'day',
    aggregations: [{ type: 'longSum', name: 'bytes', fieldName: 'bytes' }],
  });
  expect(answer).toEqual([{ timestamp: '2024-05-01T00:00:00.000Z', result: { bytes: 812 } }]);
});

test('compacts its chunks as the manual does', async () => {
  const { stats } = await varve.ingest(JSON.parse(compaction?.text ?? ''));
  expect(stats).toMatchObject({ processed: 1 });
  const rows = await varve.sql('SELECT __time AS at, views, bytes FROM pages');
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { at: '2024-05-01T00:00:00.000Z', views: 1, bytes: 812 },
  ]);
});

test('removes what was replaced, and nothing else', async () => {
  const [kill] = examplesOf('docs/retention.md').filter(({ language }) => language === 'json');
  const task = { ...JSON.parse(kill?.text ?? ''), interval: '2024/2025' };
  expect((await varve.ingest(task)).stats).toMatchObject({ processed: 0 });
  expect(await varve.sql('SELECT COUNT(*) AS n FROM pages')).toEqual([{ n: 1 }]);
  expect(readdirSync(join(dataDir, 'segments', 'pages'))).toHaveLength(1);
});

test('shows the kernel that scans for a statement, and says where there is none', async () => {
  const text = await varve.explainKernel('SELECT page, SUM(bytes) FROM pages GROUP BY page');
  expect(text).toContain('(func $scan (param $parameters i32)');
  expect(await varve.explainKernel('SELECT * FROM pages')).toBeNull();
});

test('wrong input is a UserError', async () => {
  await expect(varve.sql('SELECT nope FROM pages')).rejects.toBeInstanceOf(UserError);
  await expect(varve.ingest({ type: 'index_parallel' })).rejects.toBeInstanceOf(UserError);
});

test('a data directory is open once', async () => {
  await expect(open(dataDir)).rejects.toBeInstanceOf(UnavailableError);
});

test('a signal cancels', async () => {
  const signal = AbortSignal.abort();
  await expect(varve.sql('SELECT COUNT(*) FROM pages', { signal })).rejects.toThrow();
});

test('what was ingested is there after closing and opening', async () => {
  await varve.close();
  varve = await open(dataDir);
  expect(await varve.sql('SELECT COUNT(*) AS n FROM pages')).toEqual([{ n: 1 }]);
});
