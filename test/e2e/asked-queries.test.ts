import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configFlags } from '../support/push.js';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** What is seen of queries, and how a server protects itself from too many of them. */
const directory = temporaryDirectory('asked-queries');
const flags = configFlags(directory, {
  query: {
    slowQueryMs: 100,
    scheduler: {
      maxRunning: 3,
      maxWaiting: 1,
      maxWaitMs: 100,
      lanes: { strategy: 'hilo', maxLowPercent: 33 },
    },
  },
});
let server: ServerProcess;

const ROWS = 100_000;
const spec = {
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 'events',
      timestampSpec: { column: 't', format: 'millis' },
      dimensionsSpec: { dimensions: ['user', { type: 'long', name: 'n' }] },
      granularitySpec: { segmentGranularity: 'DAY', rollup: false },
    },
    ioConfig: {
      type: 'index_parallel',
      inputSource: {
        type: 'inline',
        data: Array.from({ length: ROWS }, (_, i) => `{"t":${i},"user":"u${i}","n":${i}}`).join(
          '\n',
        ),
      },
      inputFormat: { type: 'json' },
    },
  },
};

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir: join(directory, 'data'), flags });
  expect(await server.finished(await server.submit(spec))).toBe('SUCCESS');
});
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const post = (path: string, body: unknown) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Makes long texts of every row, of which none is equal to another: it takes long. */
const SLOW = `SELECT SUM(CHAR_LENGTH(REVERSE(LPAD("user", 6000, 'x')) || REVERSE(LPAD(CAST(n AS VARCHAR), 6000, 'y'))))
  FROM events WHERE n >= 0`;

/** Asks the slow query, and waits until it runs. */
async function startSlow(id: string, context: object = {}): Promise<Promise<Response>[]> {
  const answer = post('/druid/v2/sql', { query: SLOW, context: { sqlQueryId: id, ...context } });
  for (;;) {
    const running = await seen();
    if (running.some(([query, state]) => query === id && state === 'running')) return [answer];
  }
}

const seen = () => server.sql('SELECT query_id, state, lane, priority FROM sys.queries');

async function cancelAll(answers: readonly Promise<Response>[], ids: readonly string[]) {
  for (const id of ids) await fetch(`${server.url}/druid/v2/sql/${id}`, { method: 'DELETE' });
  return Promise.all(answers);
}

async function metric(name: string): Promise<number> {
  const lines = (await (await fetch(`${server.url}/metrics`)).text()).split('\n');
  const line = lines.find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length) ?? 0);
}

test('sys.queries shows what runs, and an id from it cancels', async () => {
  const answers = await startSlow('mine', { priority: 7 });
  const all = `SELECT query_id, sql_query_id, type, datasource, state, phase, elapsed_ms >= 0, priority, lane,
    TIME_PARSE(started) > TIMESTAMP '2020-01-01 00:00:00' FROM sys.queries WHERE query_id = 'mine'`;
  const [row] = await server.sql(all);
  expect(row).toEqual([
    ...['mine', 'mine', 'sql', 'events', 'running', 'scan', true, 7, null, true],
  ]);
  // It sees itself, too.
  expect((await seen()).length).toBe(2);
  const [answer] = await cancelAll(answers, ['mine']);
  expect(answer!.status).toBe(500);
  expect(await answer!.json()).toMatchObject({ error: 'Query cancelled' });
  expect((await seen()).length).toBe(1);
  const again = await fetch(`${server.url}/druid/v2/sql/mine`, { method: 'DELETE' });
  expect(again.status).toBe(404);
});

test('the answer says what it took, where it is asked', async () => {
  const context = { explainMetrics: true };
  const query = 'SELECT COUNT(*) AS c FROM events WHERE n >= 10';
  const answer = await post('/druid/v2/sql', { query, context });
  const { metrics } = JSON.parse(answer.headers.get('X-Druid-Response-Context')!);
  expect(metrics).toMatchObject({
    queueMs: expect.any(Number),
    queries: [{ queryType: 'timeseries', rowsScanned: ROWS, segments: 1, segmentsPruned: 0 }],
  });
  const few = { ...context, forceIndexes: true };
  const native = {
    ...{
      queryType: 'timeseries',
      dataSource: 'events',
      granularity: 'all',
      intervals: '1970/1980',
    },
    filter: { type: 'equals', column: 'user', matchValueType: 'STRING', matchValue: 'u7' },
    aggregations: [{ type: 'count', name: 'c' }],
    context: few,
  };
  const other = await post('/druid/v2', native);
  const told = JSON.parse(other.headers.get('X-Druid-Response-Context')!).metrics;
  expect(told.queries[0]).toMatchObject({ indexedSegments: 1, indexedRows: 1 });
  // The index of the column.
  expect(told.queries[0].loadedBytes).toBeGreaterThan(0);
  expect(other.headers.has('etag')).toBe(false);
  const plain = await post('/druid/v2', { ...native, context: {} });
  expect(plain.headers.has('X-Druid-Response-Context')).toBe(false);
});

test('one lane full leaves others alone; all full refuses with 429, which is counted', async () => {
  const low = await startSlow('low', { priority: -1 });
  expect(await seen()).toContainEqual(['low', 'running', 'low', -1]);
  const queued = post('/druid/v2/sql', { query: 'SELECT 1 AS a', context: { priority: -2 } });
  const refused = await post('/druid/v2/sql', { query: 'SELECT 1 AS a', context: { lane: 'low' } });
  const answers = [await queued, refused];
  for (const answer of answers) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await answer.json()).toMatchObject({
      error: 'Query capacity exceeded',
      errorMessage: expect.stringContaining("query capacity of 1 exceeded for lane 'low'"),
      category: 'CAPACITY_EXCEEDED',
    });
  }
  expect(await server.sql('SELECT 1')).toEqual([[1]]);
  expect(await metric('varve_queries_running{lane="low"}')).toBe(1);
  expect(await metric('varve_queries_refused_total{lane="low"}')).toBe(2);
  const others = ['b', 'c'].map((sqlQueryId) =>
    post('/druid/v2/sql', { query: SLOW, context: { sqlQueryId } }),
  );
  while ((await metric('varve_queries_running')) < 2);
  const full = await post('/druid/v2/sql', { query: 'SELECT 1 AS a' });
  expect(full.status).toBe(429);
  expect(await full.json()).toMatchObject({
    errorMessage: expect.stringContaining('total query capacity of 3 exceeded'),
  });
  await cancelAll([...low, ...others], ['low', 'b', 'c']);
  expect(await server.sql('SELECT 1')).toEqual([[1]]);
  expect(await metric('varve_queries_running')).toBe(0);
  expect(await metric('varve_queries_held_bytes')).toBe(0);
});

test('times are told by type and phase', async () => {
  await server.sql('SELECT COUNT(*) FROM events');
  const count = await metric('varve_query_seconds_count{type="sql"}');
  expect(count).toBeGreaterThan(0);
  expect(await metric('varve_query_seconds_bucket{type="sql",le="+Inf"}')).toBeGreaterThanOrEqual(
    count,
  );
  expect(await metric('varve_query_phase_seconds_count{type="sql",phase="write"}')).toBeGreaterThan(
    0,
  );
  expect(await metric('varve_slow_queries_total')).toBeGreaterThan(0);
});
