import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Advice } from '../../query/index.js';
import { CLI, ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** From queries over HTTP to the star-trees that `varve advise` proposes for them. */
const dataDir = temporaryDirectory('advise');
const LOG = join(dataDir, 'query-log.jsonl');
let server: ServerProcess;

const DAY = 86_400_000;
const ROW_COUNT = 60_000;
const rows = Array.from({ length: ROW_COUNT }, (_, i) => ({
  t: Math.floor((i * 3 * DAY) / ROW_COUNT),
  country: `c${(i * 7) % 11}`,
  device: `d${(i * 3) % 4}`,
  user: `u${(i * 7919) % 40_009}`,
  secret: 'hunter2',
  bytes: i % 100,
}));
const specOf = (dataSource: string, schema: object = {}) => ({
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource,
      timestampSpec: { column: 't', format: 'millis' },
      dimensionsSpec: {
        dimensions: ['country', 'device', 'user', 'secret', { type: 'long', name: 'bytes' }],
      },
      granularitySpec: { segmentGranularity: 'DAY', rollup: false },
      ...schema,
    },
    ioConfig: {
      inputSource: { type: 'inline', data: rows.map((row) => JSON.stringify(row)).join('\n') },
      inputFormat: { type: 'json' },
    },
  },
});

const STATEMENTS = [
  'SELECT country, COUNT(*), SUM(bytes) FROM events GROUP BY country',
  "SELECT TIME_FLOOR(__time, 'PT1H'), COUNT(*) FROM events WHERE country = 'c3' GROUP BY 1",
  "SELECT device, SUM(bytes) FROM events WHERE secret = 'hunter2' GROUP BY device",
  'SELECT "user", COUNT(*) FROM events GROUP BY 1 ORDER BY 2 DESC LIMIT 3',
];

const advise = async (...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [CLI, 'advise', ...args, '--url', server.url]))
    .stdout;

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir });
  expect(await server.finished(await server.submit(specOf('events')))).toBe('SUCCESS');
});
afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('before anything is asked, it says what to do', async () => {
  expect(await advise()).toMatch(/no query was logged yet: ask/);
  expect(await advise('events')).toMatch(/^events: no query was logged yet; ask/);
});

test('what was asked makes proposals, for people and for machines', async () => {
  for (const statement of STATEMENTS) await server.sql(statement);
  const { status, json } = await server.get('/v1/tables/events/advice');
  const advice = json as Advice;
  expect(status).toBe(200);
  expect(advice.logged).toMatchObject({ queries: 4, shapes: 4 });
  expect(advice.segment).toMatchObject({ rows: ROW_COUNT / 3 });
  const answered = advice.proposals.flatMap(({ queries }) => queries);
  expect(answered.map(({ rowsBefore }) => rowsBefore)).toEqual([ROW_COUNT, ROW_COUNT, ROW_COUNT]);
  expect(advice.unanswered).toMatchObject([{ count: 1 }]);
  expect(advice.unanswered[0]!.reason).toMatch(/"user", which has \d+ values/);
  expect(JSON.parse(await advise('events', '--json'))).toEqual(advice);
  expect(JSON.parse(await advise('--json'))).toEqual([advice]);
  const text = await advise();
  const pasted = text.slice(text.indexOf('"starTrees"'), text.indexOf('\nnot answered'));
  expect(JSON.parse(`{${pasted}}`)).toEqual({
    starTrees: advice.proposals.map(({ tree }) => tree),
  });
});

test('loaded again with what is pasted, queries look at about as much as was foretold', async () => {
  const { json } = await server.get('/v1/tables/events/advice');
  const { proposals } = json as Advice;
  const starTrees = proposals.map(({ tree }) => tree);
  const task = await server.submit(specOf('again', { starTrees }));
  expect(await server.finished(task)).toBe('SUCCESS');
  for (const statement of STATEMENTS) await server.sql(statement.replace('events', 'again'));
  const { json: after } = await server.get('/v1/tables/again/advice');
  const foretold = proposals.flatMap(({ queries }) => queries);
  const lines = readFileSync(await written(), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1);
  const seen = lines.map((line) => JSON.parse(line)).filter(({ table }) => table === 'again');
  const treeRecords = seen.filter(({ treeCount }) => treeCount === 1).map((each) => each.rows);
  expect(treeRecords).toHaveLength(foretold.length);
  const [found, expected] = [treeRecords, foretold.map(({ rowsAfter }) => rowsAfter)].map((list) =>
    list.toSorted((a, b) => a - b),
  );
  for (const [i, rows] of found!.entries()) {
    expect(rows).toBeLessThanOrEqual(2 * expected![i]!);
    expect(rows).toBeGreaterThanOrEqual(expected![i]! / 2);
    expect(rows).toBeLessThan(ROW_COUNT / 10);
  }
  // Advice goes by what they would take without the trees.
  const again = (after as Advice).proposals.flatMap(({ queries }) => queries);
  expect(again.map(({ rowsBefore }) => rowsBefore)).toEqual(foretold.map(() => ROW_COUNT));
});

/** The log, which a server writes when it ends. */
async function written(): Promise<string> {
  await server.stop();
  server = await ServerProcess.start({ dataDir });
  return LOG;
}

test('the log outlives the server, without a literal', async () => {
  const before = await advise('events', '--json');
  await server.stop();
  const log = readFileSync(LOG, 'utf8');
  expect(log).toContain('"secret"');
  expect(log).not.toMatch(/hunter2|"c3"/);
  server = await ServerProcess.start({ dataDir });
  expect(JSON.parse(await advise('events', '--json'))).toEqual(JSON.parse(before));
});

test('wrong requests are told so', async () => {
  const { status, json } = await server.get('/v1/tables/events/advice?timeout=soon');
  expect(status).toBe(400);
  expect(json).toMatchObject({ errorMessage: expect.stringMatching(/timeout: want a number/) });
  await expect(advise('events', '--timeout', 'x')).rejects.toMatchObject({
    stderr: expect.stringMatching(/--timeout: want seconds/),
  });
});

test('a server that keeps no log says how to have one', async () => {
  await server.stop();
  rmSync(LOG);
  const config = join(dataDir, 'config.json');
  writeFileSync(config, JSON.stringify({ queryLog: { enabled: false } }));
  server = await ServerProcess.start({ dataDir, flags: ['--config', config] });
  await server.sql(STATEMENTS[0]!);
  const { status, json } = await server.get('/v1/advice');
  expect(status).toBe(400);
  expect(json).toMatchObject({ errorMessage: expect.stringMatching(/queryLog.enabled is false/) });
  await server.stop();
  expect(existsSync(LOG)).toBe(false);
});
