import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** What clients of Druid rely on beyond the answers themselves. */
const dataDir = temporaryDirectory('http');
let server: ServerProcess;
let task: string;

const ROWS = 300_000;
const spec = {
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 'events',
      timestampSpec: { column: 't', format: 'millis' },
      dimensionsSpec: { dimensions: ['user', { type: 'long', name: 'n' }] },
      metricsSpec: [{ type: 'hyperUnique', name: 'users', fieldName: 'user' }],
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
    tuningConfig: { type: 'index_parallel', maxSavedParseExceptions: 5 },
  },
};

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir });
  task = await server.submit(spec);
  expect(await server.finished(task)).toBe('SUCCESS');
});
afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const count = {
  queryType: 'timeseries',
  dataSource: 'events',
  intervals: '1970/1980',
  granularity: 'all',
  aggregations: [{ type: 'count', name: 'c' }],
};

/** Makes a long text of two columns for every row: a query that takes its time. */
const slow = {
  queryType: 'groupBy',
  dataSource: 'events',
  intervals: '1970/1980',
  granularity: 'all',
  dimensions: [{ type: 'default', dimension: 'v', outputName: 'v' }],
  virtualColumns: [
    {
      type: 'expression',
      name: 'v',
      expression:
        "concat(reverse(lpad(user, 4000, 'x')), reverse(lpad(cast(__time, 'STRING'), 4000, 'y')))",
      outputType: 'STRING',
    },
  ],
  aggregations: [{ type: 'count', name: 'c' }],
};

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

test('the response says how the rows of a filter were found', async () => {
  const filter = {
    type: 'and',
    fields: [
      { type: 'range', column: 'n', matchValueType: 'LONG', lower: 10 },
      { type: 'equals', column: 'user', matchValueType: 'STRING', matchValue: 'u17' },
    ],
  };
  const context = { explainFilter: true };
  const query = `SELECT COUNT(*) AS c FROM events WHERE n >= 10 AND "user" = 'u17'`;
  for (const response of [
    await post('/druid/v2', { ...count, filter, context }),
    await post('/druid/v2/sql', { query, context }),
  ]) {
    const told = JSON.parse(response.headers.get('X-Druid-Response-Context')!);
    const [{ segments, conjuncts, bySegment }] = told.filters;
    expect(segments).toEqual({ pruned: 0, nothing: 0, all: 0, bitmap: 1, scan: 0 });
    expect(conjuncts[0]).toMatchObject({ byIndex: 1, estimatedRows: 1, rowsLeft: 1 });
    expect(conjuncts[0].filter).toMatchObject({ column: 'user', matchValue: 'u17' });
    expect(bySegment).toMatchObject([
      { choice: 'bitmap', steps: [{ by: 'index' }, { by: 'test' }] },
    ]);
    expect(await response.json()).toMatchObject([expect.anything()]);
  }
  const plain = await post('/druid/v2/sql', { query });
  expect(plain.headers.has('X-Druid-Response-Context')).toBe(false);
});

describe('queries', () => {
  test.each(['/druid/v2', '/druid/v2/', '/druid/v2?pretty', '/druid/v2/?pretty'])(
    'POST %s',
    async (path) => {
      const response = await post(path, count);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await response.json()).toEqual([
        { timestamp: '1970-01-01T00:00:00.000Z', result: { c: ROWS } },
      ]);
    },
  );

  test('ids are echoed, or made', async () => {
    const named = await post('/druid/v2', { ...count, context: { queryId: 'mine' } });
    expect(named.headers.get('x-druid-query-id')).toBe('mine');
    const made = await post('/druid/v2/sql/', { query: 'SELECT 1' });
    expect(made.headers.get('x-druid-sql-query-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await made.json()).toEqual([{ EXPR$0: 1 }]);
  });

  test('a header row is announced', async () => {
    const response = await post('/druid/v2/sql', { query: 'SELECT 1 AS a', header: true });
    expect(response.headers.get('x-druid-sql-header-included')).toBe('yes');
  });

  test('answers are compressed only when the client asks', async () => {
    const query = {
      query: 'SELECT "user", n FROM events ORDER BY n LIMIT 1000',
      resultFormat: 'csv',
    };
    const packed = await post('/druid/v2/sql', query, { 'accept-encoding': 'gzip' });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    const plain = await post('/druid/v2/sql', query, { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(await packed.text());
  });

  test('a deadline ends a query with 504', async () => {
    const response = await post('/druid/v2', { ...slow, context: { timeout: 1 } });
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error: 'Query timeout' });
  });

  test('DELETE cancels, and the server goes on', async () => {
    const running = post('/druid/v2', { ...slow, context: { queryId: 'slow' } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const cancel = await fetch(`${server.url}/druid/v2/slow`, { method: 'DELETE' });
    expect(cancel.status).toBe(202);
    const response = await running;
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: 'Query cancelled' });
    expect((await post('/druid/v2', count)).status).toBe(200);
  });

  test('DELETE of an unknown id: 202 for native queries, 404 for SQL, as in Druid', async () => {
    const remove = (path: string) => fetch(server.url + path, { method: 'DELETE' });
    expect((await remove('/druid/v2/nobody')).status).toBe(202);
    expect((await remove('/druid/v2/sql/nobody')).status).toBe(404);
  });

  test('a body that is too large is refused', async () => {
    const response = await post('/druid/v2', { ...count, padding: 'x'.repeat(65 * 2 ** 20) });
    expect(response.status).toBe(413);
  });

  test('hyperUnique estimates within its bound', async () => {
    const aggregations = [{ type: 'hyperUnique', name: 'u', fieldName: 'users' }];
    const [row] = (await (await post('/druid/v2', { ...count, aggregations })).json()) as [
      { result: { u: number } },
    ];
    expect(Math.abs(row.result.u / ROWS - 1)).toBeLessThan(0.1);
  });
});

describe('the server about itself', () => {
  test('/status', async () => {
    const { json } = await server.get('/status');
    expect(json).toMatchObject({ version: '30.0.0', memory: { usedMemory: expect.any(Number) } });
    expect((await server.get('/status/health')).json).toBe(true);
    expect((await server.get('/status/properties')).json).toMatchObject({ 'varve.port': '0' });
  });

  test('/metrics', async () => {
    const sample = async (name: string): Promise<number> => {
      const response = await fetch(`${server.url}/metrics`);
      expect(response.headers.get('content-type')).toContain('version=0.0.4');
      const lines = (await response.text()).split('\n');
      const line = lines.find((each) => each.startsWith(`${name} `));
      return Number(line?.slice(name.length) ?? 0);
    };
    const names = [
      'varve_queries_total{type="timeseries",outcome="success"}',
      'varve_rows_scanned_total',
      'varve_jobs_total{scan="compiled"}',
    ];
    const before = await Promise.all(names.map(sample));
    const filter = { type: 'bound', dimension: 'n', upper: '4711', ordering: 'numeric' };
    expect((await post('/druid/v2', { ...count, filter })).status).toBe(200);
    const after = await Promise.all(names.map(sample));
    expect(after[0]! - before[0]!).toBe(1);
    expect(after[1]! - before[1]!).toBe(ROWS);
    expect(after[2]!).toBeGreaterThan(before[2]!);
    const hits = 'varve_query_cache_hits_total{cache="result"}';
    const hitsBefore = await sample(hits);
    const known = await post('/druid/v2', { ...count, filter });
    expect(await sample(hits)).toBe(hitsBefore + 1);
    expect(await sample('varve_query_cache_entries{cache="result"}')).toBeGreaterThan(0);
    const context = { useCache: false, useResultLevelCache: false };
    const scanned = await post('/druid/v2', { ...count, filter, context });
    expect(scanned.json).toEqual(known.json);
    expect(await sample(hits)).toBe(hitsBefore + 1);
    expect(await sample(names[1]!)).toBe(after[1]! + ROWS);
    expect(await sample('varve_query_workers')).toBeGreaterThan(0);
    expect(await sample('varve_segment_cache_bytes')).toBeGreaterThan(0);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(/^varve_star_tree_segments_total 0$/m);
    expect(text).toMatch(/^varve_star_tree_records_total 0$/m);
  });

  test('tables and their columns', async () => {
    expect((await server.get('/druid/v2/datasources/')).json).toEqual(['events']);
    expect((await server.get('/druid/v2/datasources/events')).json).toEqual({
      dimensions: ['user', 'n'],
      metrics: ['users'],
    });
  });

  test('the coordinator view', async () => {
    const base = '/druid/coordinator/v1';
    expect((await server.get(`${base}/datasources`)).json).toEqual(['events']);
    expect((await server.get(`${base}/datasources?simple`)).json).toMatchObject([
      { name: 'events', properties: { segments: { count: 1 } } },
    ]);
    const loaded = `${base}/datasources/events/loadstatus?forceMetadataRefresh=true`;
    expect((await server.get(`${loaded}&interval=1970_1971`)).json).toEqual({ events: 100 });
    const ids = (await server.get(`${base}/datasources/events/segments`)).json as string[];
    expect(ids[0]).toMatch(/^events_1970-01-01T00:00:00\.000Z_1970-01-02T00:00:00\.000Z_/);
    const { json } = await server.get(
      `${base}/datasources/events/segments/${encodeURIComponent(ids[0] as string)}`,
    );
    expect(json).toMatchObject({ metadata: { dimensions: 'user,n', metrics: 'users' } });
  });

  test('tasks', async () => {
    const base = '/druid/indexer/v1';
    const path = `${base}/task/${encodeURIComponent(task)}`;
    expect((await server.get(`${path}/status`)).json).toMatchObject({
      task,
      status: { id: task, status: 'SUCCESS', runnerStatusCode: 'NONE', dataSource: 'events' },
    });
    expect((await server.get(`${path}/reports`)).json).toMatchObject({
      ingestionStatsAndErrors: {
        payload: { rowStats: { buildSegments: { processed: ROWS, unparseable: 0 } } },
      },
    });
    expect((await server.get(path)).json).toMatchObject({ payload: { type: 'index_parallel' } });
    expect((await server.get(`${base}/tasks?state=complete`)).json).toHaveLength(1);
    expect((await server.get(`${base}/task/nobody/status`)).status).toBe(404);
  });

  test('sys and INFORMATION_SCHEMA', async () => {
    expect(await server.sql('SELECT datasource, num_rows FROM sys.segments')).toEqual([
      ['events', ROWS],
    ]);
    expect(await server.sql('SELECT task_id, status FROM sys.tasks')).toEqual([[task, 'SUCCESS']]);
    expect(
      await server.sql(
        "SELECT COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'events' ORDER BY ORDINAL_POSITION",
      ),
    ).toEqual([
      ['__time', 'TIMESTAMP'],
      ['user', 'VARCHAR'],
      ['n', 'BIGINT'],
      ['users', 'COMPLEX<hyperUnique>'],
    ]);
  });
});

test('a task can be shut down, and nothing of it is visible', async () => {
  const other = {
    ...spec,
    spec: { ...spec.spec, dataSchema: { ...spec.spec.dataSchema, dataSource: 'other' } },
  };
  const id = await server.submit(other);
  await post(`/druid/indexer/v1/task/${encodeURIComponent(id)}/shutdown`, {});
  expect(await server.finished(id)).toBe('FAILED');
  expect((await server.get('/druid/v2/datasources')).json).toEqual(['events']);
});

test('bad rows are counted and explained', async () => {
  const source = { type: 'inline', data: '{"t":1,"n":"x"}\n{"t":"soon"}\nnot json\n{"t":2,"n":5}' };
  const id = await server.submit({
    ...spec,
    spec: {
      ...spec.spec,
      dataSchema: { ...spec.spec.dataSchema, dataSource: 'bad', metricsSpec: [] },
      ioConfig: { ...spec.spec.ioConfig, inputSource: source },
    },
  });
  expect(await server.finished(id)).toBe('SUCCESS');
  const { json } = await server.get(`/druid/indexer/v1/task/${encodeURIComponent(id)}/reports`);
  expect(json).toMatchObject({
    ingestionStatsAndErrors: {
      payload: {
        rowStats: { buildSegments: { processed: 1, processedWithError: 1, unparseable: 2 } },
      },
    },
  });
  const { unparseableEvents } = (
    json as {
      ingestionStatsAndErrors: { payload: { unparseableEvents: { buildSegments: unknown[] } } };
    }
  ).ingestionStatsAndErrors.payload;
  expect(unparseableEvents.buildSegments).toHaveLength(3);
  expect(await server.sql('SELECT n FROM bad ORDER BY __time')).toEqual([[null], [5]]);
});

test('dropping a table takes it out of sight', async () => {
  const response = await fetch(`${server.url}/druid/coordinator/v1/datasources/bad`, {
    method: 'DELETE',
  });
  expect(await response.json()).toEqual({ numChangedSegments: 1 });
  expect((await server.get('/druid/v2/datasources')).json).toEqual(['events']);
});
