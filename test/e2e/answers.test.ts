import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** How answers leave the server: whether they have to, and in which form. */
const dataDir = temporaryDirectory('answers');
let server: ServerProcess;

const ROWS = 20_000;
const rowsFrom = (first: number, count: number): string =>
  Array.from(
    { length: count },
    (_, i) => `{"t":${first + i},"user":"u${i % 100}","n":"${9007199254740993n + BigInt(i)}"}`,
  ).join('\n');

const load = async (data: string): Promise<void> => {
  const task = await server.submit({
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
        inputSource: { type: 'inline', data },
        inputFormat: { type: 'json' },
        appendToExisting: true,
      },
    },
  });
  expect(await server.finished(task)).toBe('SUCCESS');
};

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir });
  await load(rowsFrom(0, ROWS));
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

const count = {
  queryType: 'timeseries',
  dataSource: 'events',
  intervals: '1970/1980',
  granularity: 'all',
  aggregations: [{ type: 'count', name: 'c' }],
};

/** How many queries ran. */
async function queries(): Promise<string | undefined> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return /^varve_queries_total\{type="timeseries".*$/m.exec(metrics)?.[0];
}

describe('an ETag', () => {
  test('saves a query whose answer the client has', async () => {
    const first = await post('/druid/v2', { ...count, context: { queryId: 'one' } });
    const etag = first.headers.get('etag')!;
    expect(await first.json()).toMatchObject([{ result: { c: ROWS } }]);
    const before = await queries();
    const known = { 'if-none-match': `"other", ${etag}` };
    const second = await post('/druid/v2', { ...count, context: { queryId: 'two' } }, known);
    expect(second.status).toBe(304);
    expect(second.headers.get('etag')).toBe(etag);
    expect(second.headers.get('x-druid-query-id')).toBe('two');
    expect(await second.text()).toBe('');
    expect(await queries()).toBe(before);
    const nested = { ...count, dataSource: { type: 'query', query: count } };
    const other = await post('/druid/v2', nested, known);
    expect(other.status).toBe(200);
    expect(other.headers.get('etag')).not.toBe(etag);
    expect(await queries()).not.toBe(before);
  });

  test('is another one when there are more rows', async () => {
    const known = { 'if-none-match': (await post('/druid/v2', count)).headers.get('etag')! };
    expect((await post('/druid/v2', count, known)).status).toBe(304);
    await load(rowsFrom(ROWS, 1));
    const response = await post('/druid/v2', count, known);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject([{ result: { c: ROWS + 1 } }]);
  });

  test('is not there for rows in memory, nor for errors', async () => {
    const pushed = await fetch(`${server.url}/v1/tables/live/rows`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: '{"__time":"1975-01-01T00:00:00Z","n":1}\n',
    });
    const { token: ingestToken } = (await pushed.json()) as { token: string };
    const live = { ...count, dataSource: 'live', context: { ingestToken } };
    for (const dataSource of ['live', { type: 'union', dataSources: ['events', 'live'] }]) {
      const response = await post('/druid/v2', { ...live, dataSource });
      expect(response.headers.has('etag')).toBe(false);
      expect(await response.json()).toMatchObject([{ result: { c: expect.any(Number) } }]);
    }
    const failed = await post('/druid/v2', { ...count, context: { bySegment: true } });
    expect(failed.status).toBe(501);
    expect(failed.headers.has('etag')).toBe(false);
  });
});
