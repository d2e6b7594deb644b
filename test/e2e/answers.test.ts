import { rmSync } from 'node:fs';
import { tableFromIPC } from 'apache-arrow';
import { Unpackr } from 'msgpackr';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** How answers leave the server: whether they have to, and in which form. */
const dataDir = temporaryDirectory('answers');
let server: ServerProcess;

const ROWS = 20_000;
const rowsFrom = (first: number, count: number): string =>
  Array.from(
    { length: count },
    (_, i) =>
      `{"t":${first + i},"user":"u${i % 100}","n":"${9007199254740993n + BigInt(first + i)}"}`,
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
});
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
    const overGroups = { ...count, dataSource: { type: 'query', query: count } };
    const failed = await post('/druid/v2', { ...overGroups, context: { bySegment: true } });
    expect(failed.status).toBe(400);
    expect(failed.headers.has('etag')).toBe(false);
  });
});

/** As a client reads them that has whole answers only. */
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

const ARROW = { accept: 'application/vnd.apache.arrow.stream' };
const scan = {
  queryType: 'scan',
  dataSource: 'events',
  intervals: '1970/1980',
  columns: ['__time', 'user', 'n'],
  limit: 15_000,
};
const NUMBERS = Array.from({ length: 15_000 }, (_, i) => 9007199254740993n + BigInt(i));

describe('formats', () => {
  test('MessagePack has what JSON has', async () => {
    const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'bigint' });
    const packed = await post('/druid/v2', scan, { accept: 'application/msgpack' });
    expect(packed.headers.get('content-type')).toBe('application/msgpack');
    const read = unpackr.unpack(await bytesOf(packed)) as { events: { n: bigint }[] }[];
    const plain = await post('/druid/v2', scan);
    expect(plain.headers.get('content-type')).toBe('application/json');
    expect(plain.headers.get('etag')).not.toBe(packed.headers.get('etag'));
    const json = (await plain.json()) as { events: object[] }[];
    expect(Object.keys(read[0]!)).toEqual(Object.keys(json[0]!));
    expect(read[0]!.events.length).toBe(json[0]!.events.length);
    expect(read.flatMap(({ events }) => events.map(({ n }) => n))).toEqual(NUMBERS);
  });

  test('SQL is MessagePack too', async () => {
    const query = 'SELECT "user", n FROM events ORDER BY n LIMIT 2';
    const body = { query, resultFormat: 'array', header: true };
    const response = await post('/druid/v2/sql', body, { accept: 'application/msgpack' });
    expect(response.headers.get('content-type')).toBe('application/msgpack');
    expect(new Unpackr({}).unpack(await bytesOf(response))).toEqual([
      ['user', 'n'],
      ['u0', NUMBERS[0]],
      ['u1', NUMBERS[1]],
    ]);
  });

  test('Arrow has columns, of native queries and of SQL', async () => {
    const sql = { query: 'SELECT __time, "user", n FROM events ORDER BY n LIMIT 15000' };
    for (const response of [
      await post('/druid/v2', scan, ARROW),
      await post('/druid/v2/sql', sql, ARROW),
    ]) {
      expect(response.headers.get('content-type')).toBe(ARROW.accept);
      const table = tableFromIPC(await bytesOf(response));
      expect(table.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
        '__time Timestamp<MILLISECOND, UTC>',
        'user Utf8',
        'n Int64',
      ]);
      expect([...table.getChild('n')!]).toEqual(NUMBERS);
      expect(table.get(14_999)!.toArray().slice(0, 2)).toEqual([14_999, 'u99']);
    }
  });

  test('of groups, buckets and the best are columns too', async () => {
    const { aggregations } = count;
    const one = {
      ...count,
      granularity: 'day',
      aggregations,
      filter: { type: 'selector', dimension: 'user', value: 'u7' },
    };
    const queries = [
      one,
      { ...one, queryType: 'groupBy', dimensions: ['user'] },
      { ...one, queryType: 'topN', dimension: 'user', metric: 'c', threshold: 5 },
    ];
    for (const query of queries) {
      const table = tableFromIPC(await bytesOf(await post('/druid/v2', query, ARROW)));
      expect(table.numRows).toBe(1);
      expect(table.getChild('__time')!.get(0)).toBe(0);
      expect(table.getChild('c')!.get(0)).toBe(200n);
    }
  });

  test('what is not known is JSON', async () => {
    const response = await post('/druid/v2', count, { accept: 'application/x-jackson-smile' });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject([{ result: { c: expect.any(Number) } }]);
  });
});

test.each(['gzip', 'deflate'])('long answers in every format by %s', async (encoding) => {
  for (const accept of ['application/json', 'application/msgpack', ARROW.accept]) {
    const packed = await post('/druid/v2', scan, { accept, 'accept-encoding': encoding });
    expect(packed.headers.get('content-encoding')).toBe(encoding);
    const plain = await post('/druid/v2', scan, { accept, 'accept-encoding': 'identity' });
    expect(plain.headers.has('content-encoding')).toBe(false);
    // What the client unpacked. Its tag is a weak one, which the server takes as its own.
    expect(Buffer.from(await bytesOf(packed)).equals(await bytesOf(plain))).toBe(true);
    const etag = packed.headers.get('etag')!;
    expect(etag).toBe(`W/${plain.headers.get('etag')}`);
    expect((await post('/druid/v2', scan, { accept, 'if-none-match': etag })).status).toBe(304);
  }
});
