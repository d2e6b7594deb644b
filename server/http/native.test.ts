import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { TestTables } from '../../query/testing.js';
import { queryApp } from './native-testing.js';

/** What a client of Druid sees of `/druid/v2` beside the rows. `memory` has rows that may still grow, `stored` a file. */
const TABLE = { dimensions: { page: 'STRING' } } as const;
const ROWS = Array.from({ length: 100 }, (_, i) => ({ __time: i, page: `page ${i}` }));
const tables = new TestTables()
  .add('memory', TABLE, [{ rows: ROWS }])
  .addSealed('stored', TABLE, [{ rows: ROWS }], 1000);
const app = queryApp(tables);

const COUNT = {
  queryType: 'timeseries',
  dataSource: 'stored',
  intervals: '1970/1971',
  granularity: 'all',
  aggregations: [{ type: 'count', name: 'rows' }],
};
const ANSWER = '[{"timestamp":"1970-01-01T00:00:00.000Z","result":{"rows":100}}]';

/** Two rows nearly a year apart: a bucket of each second between them is too many. */
const FAR_APART = {
  type: 'inline',
  columnNames: ['__time'],
  columnTypes: ['LONG'],
  rows: [[0], [30_000_000_000]],
};

const post = (
  body: unknown,
  headers: Record<string, string> = {},
  path = '/druid/v2',
): Promise<Response> =>
  Promise.resolve(
    app.request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );

describe('the answer', () => {
  test.each(['/druid/v2', '/druid/v2/'])('POST %s: one line of JSON', async (path) => {
    const response = await post(COUNT, {}, path);
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(await response.text()).toBe(ANSWER);
  });

  test.each(['?pretty', '?pretty=true'])('%s prints it over lines', async (parameters) => {
    const response = await post(COUNT, {}, `/druid/v2/${parameters}`);
    expect(await response.text()).toBe(
      '[ {\n  "timestamp" : "1970-01-01T00:00:00.000Z",\n  "result" : {\n    "rows" : 100\n  }\n} ]',
    );
  });

  test.each([
    { name: 'no Accept', headers: {} },
    { name: 'an empty Accept', headers: { Accept: '' } },
    { name: 'an Accept of what is not known', headers: { Accept: 'text/xml' } },
    { name: 'an Accept of Smile', headers: { Accept: 'application/x-jackson-smile' } },
    { name: 'a body that is called text', headers: { 'Content-Type': 'text/plain' } },
    { name: 'a body that is called nothing', headers: { 'Content-Type': '' } },
  ])('$name: JSON', async ({ headers }) => {
    const response = await post(COUNT, headers as Record<string, string>);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(await response.text()).toBe(ANSWER);
  });

  test.each(['application/x-jackson-smile', 'application/smile'])(
    'a body of Smile (%s) is refused',
    async (type) => {
      const response = await post(':)\n\u0000', { 'Content-Type': type });
      expect(response.status).toBe(415);
      expect(await response.json()).toMatchObject({
        error: 'Unsupported media type',
        errorMessage: `Content-Type: ${type} is not read; send application/json`,
      });
    },
  );

  test('a packed body is read', async () => {
    const response = await app.request('/druid/v2', {
      method: 'POST',
      headers: { 'Content-Encoding': 'gzip' },
      body: gzipSync(JSON.stringify(COUNT)),
    });
    expect(await response.text()).toBe(ANSWER);
  });

  test.each(['gzip', 'deflate'])('is packed by %s where it is long', async (encoding) => {
    const scan = { queryType: 'scan', dataSource: 'stored', intervals: '1970/1971' };
    const encodingOf = async (body: unknown) =>
      (await post(body, { 'Accept-Encoding': encoding })).headers.get('Content-Encoding');
    expect(await encodingOf(scan)).toBe(encoding);
    expect(await encodingOf(COUNT)).toBeNull();
  });

  test('the id of the query is told, also with an error', async () => {
    const context = { queryId: 'mine' };
    for (const query of [
      { ...COUNT, context },
      { ...COUNT, context, granularity: 'x' },
    ]) {
      expect((await post(query)).headers.get('X-Druid-Query-Id')).toBe('mine');
    }
    expect((await post(COUNT)).headers.get('X-Druid-Query-Id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('there is no response context unless something is to be explained', async () => {
    const contextOf = async (context: object) =>
      (await post({ ...COUNT, context })).headers.get('X-Druid-Response-Context');
    expect(await contextOf({})).toBeNull();
    expect(await contextOf({ explainMetrics: true })).toMatch(/^\{.*\}$/);
  });

  test('an unknown data source has no rows', async () => {
    const unknown = { ...COUNT, dataSource: 'nowhere' };
    const all = '[{"timestamp":"1970-01-01T00:00:00.000Z","result":{"rows":0}}]';
    expect(await (await post(unknown)).text()).toBe(all);
    expect(await (await post({ ...unknown, granularity: 'day' })).text()).toBe('[]');
  });
});

describe('ETag', () => {
  const tagOf = async (query: object, path?: string) =>
    (await post(query, {}, path)).headers.get('ETag');

  test('is there where all segments are stored, one per question', async () => {
    const tag = await tagOf(COUNT);
    expect(tag).toMatch(/^"[^"]+"$/);
    expect(await tagOf(COUNT)).toBe(tag);
    expect(await tagOf({ ...COUNT, intervals: '1970/1972' })).not.toBe(tag);
    expect(await tagOf(COUNT, '/druid/v2?pretty')).not.toBe(tag);
    expect(await tagOf({ ...COUNT, dataSource: 'memory' })).toBeNull();
  });

  test('of what the client has: 304 and nothing else', async () => {
    const tag = (await tagOf(COUNT))!;
    for (const known of [tag, tag.slice(1, -1), `"other", ${tag}`]) {
      const response = await post(COUNT, { 'If-None-Match': known });
      expect(response.status).toBe(304);
      expect(await response.text()).toBe('');
    }
    expect((await post(COUNT, { 'If-None-Match': '"other"' })).status).toBe(200);
  });
});

describe('errors', () => {
  test('have the fields of old and new clients, in this order', async () => {
    const response = await post({ ...COUNT, granularity: 5 });
    expect(response.status).toBe(400);
    expect(response.headers.get('Content-Type')).toMatch(/^application\/json/);
    const message =
      'granularity: got 5; give a name such as \\"hour\\", or an object of type all, none, duration or period';
    expect(await response.text()).toBe(
      `{"error":"Unknown exception","errorMessage":"${message}","errorClass":"UserError","host":null,` +
        '"errorCode":"legacyQueryException","persona":"USER","category":"INVALID_INPUT",' +
        '"context":{"field":"granularity","legacyErrorCode":"Unknown exception"}}',
    );
  });

  const INVALID = { status: 400, category: 'INVALID_INPUT' };
  const JSON_ERROR = { ...INVALID, error: 'Json parse failed' };
  const QUERY_ERROR = { ...INVALID, error: 'Unknown exception' };
  const CONTEXT_ERROR = { ...INVALID, error: 'Query context parse failed' };
  const UNSUPPORTED = { status: 501, error: 'Unsupported operation', category: 'UNSUPPORTED' };
  test.each([
    { name: 'no body', body: '', ...JSON_ERROR },
    { name: 'half an object', body: '{"queryType":', ...JSON_ERROR },
    { name: 'something behind it', body: `${JSON.stringify(COUNT)} x`, ...JSON_ERROR },
    { name: 'a list', body: '[]', ...QUERY_ERROR },
    { name: 'null', body: 'null', ...QUERY_ERROR },
    { name: 'no queryType', body: {}, ...QUERY_ERROR },
    { name: 'an unknown queryType', body: { ...COUNT, queryType: 'count' }, ...QUERY_ERROR },
    { name: 'another case', body: { ...COUNT, queryType: 'Timeseries' }, ...QUERY_ERROR },
    { name: 'no data source', body: { ...COUNT, dataSource: null }, ...QUERY_ERROR },
    {
      name: 'an unknown type within',
      body: { ...COUNT, filter: { type: 'sometimes' } },
      ...QUERY_ERROR,
    },
    { name: 'a context that is none', body: { ...COUNT, context: [] }, ...CONTEXT_ERROR },
    {
      name: 'a text where the context wants a number',
      body: { ...COUNT, context: { timeout: 'soon' } },
      ...CONTEXT_ERROR,
    },
    {
      name: 'a longer timeout than the server allows',
      body: { ...COUNT, context: { timeout: 1e12 } },
      ...CONTEXT_ERROR,
    },
    {
      name: 'too many buckets',
      body: { ...COUNT, granularity: 'second', dataSource: FAR_APART },
      status: 400,
      error: 'Resource limit exceeded',
      category: 'CAPACITY_EXCEEDED',
    },
    { name: 'select', body: { ...COUNT, queryType: 'select' }, ...UNSUPPORTED },
    { name: 'movingAverage', body: { ...COUNT, queryType: 'movingAverage' }, ...UNSUPPORTED },
    {
      name: 'code',
      body: { ...COUNT, filter: { type: 'javascript', dimension: 'page', function: 'x' } },
      ...UNSUPPORTED,
    },
  ])('$name: $status $error', async ({ body, status, error, category }) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error, category });
  });

  test('what does not mean anything is ignored', async () => {
    const context = { someday: 1, vectorize: 'force' };
    expect(await (await post({ ...COUNT, comment: ['x'], context })).text()).toBe(ANSWER);
  });
});

test.each(['/druid/v2/nobody', '/druid/v2/nobody/'])(
  'DELETE %s: 202 and nothing else, whether anybody has the id',
  async (path) => {
    const response = await app.request(path, { method: 'DELETE' });
    expect(response.status).toBe(202);
    expect(await response.text()).toBe('');
  },
);

/** Every copy of `json` in which one value, however deep, is replaced. */
function* replaced(json: unknown, by: string): Generator<unknown> {
  yield by;
  if (typeof json !== 'object' || json === null) return;
  for (const [key, value] of Object.entries(json)) {
    for (const inner of replaced(value, by)) {
      const copy = Array.isArray(json) ? [...json] : { ...json };
      Object.assign(copy, { [key]: inner });
      yield copy;
    }
  }
}

test('an integer beyond 2^53 in any place is answered, or refused in words', async () => {
  const query = {
    ...COUNT,
    intervals: ['1970/1971'],
    granularity: { type: 'duration', duration: 1000, origin: '1970-01-01T00:00:00Z' },
    filter: {
      type: 'and',
      fields: [
        { type: 'bound', dimension: 'page', lower: 'a', upper: 'z', ordering: 'numeric' },
        { type: 'range', column: 'page', matchValueType: 'STRING', lower: 'a', upper: 'z' },
        { type: 'equals', column: 'page', matchValueType: 'LONG', matchValue: '4' },
        { type: 'in', dimension: 'page', values: ['page 1'] },
        { type: 'interval', dimension: '__time', intervals: ['1970/1971'] },
        { type: 'like', dimension: 'page', pattern: 'p%', escape: '#' },
      ],
    },
    virtualColumns: [{ type: 'expression', name: 'v', expression: '1', outputType: 'LONG' }],
    postAggregations: [{ type: 'constant', name: 'c', value: 1 }],
    context: { timeout: 1000, priority: 1, queryId: 'q', skipEmptyBuckets: true },
  };
  for (const each of replaced(query, '<long>')) {
    const body = JSON.stringify(each).replaceAll('"<long>"', '9223372036854775807');
    const response = await post(body);
    expect(response.status, body).toBeLessThan(500);
  }
});
