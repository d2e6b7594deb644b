import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** Whatever is wrong with a request, the answer is a 4xx that says what to change. */
const scratch = temporaryDirectory('refusals');
const root = join(scratch, 'root');
let server: ServerProcess;

beforeAll(async () => {
  mkdirSync(root);
  writeFileSync(join(scratch, 'secret.json'), '{"t":1}');
  symlinkSync(join(scratch, 'secret.json'), join(root, 'link.json'));
  server = await ServerProcess.start({ dataDir: join(scratch, 'data'), localRoots: [root] });
  const task = await server.submit(spec({ type: 'inline', data: '{"t":1000,"a":"x","n":1}' }));
  expect(await server.finished(task)).toBe('SUCCESS');
});
afterAll(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

function spec(inputSource: unknown, dataSchema: object = {}) {
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 'events',
        timestampSpec: { column: 't', format: 'millis' },
        dimensionsSpec: { dimensions: ['a', { type: 'long', name: 'n' }] },
        granularitySpec: { segmentGranularity: 'DAY', rollup: false },
        ...dataSchema,
      },
      ioConfig: { type: 'index_parallel', inputSource, inputFormat: { type: 'json' } },
    },
  };
}

const message = (json: unknown): string => {
  const { error, errorMessage } = json as { error: unknown; errorMessage?: string };
  return errorMessage ?? String(error);
};

describe('task specs', () => {
  const inline = { type: 'inline', data: '{}' };
  test.each([
    ['no dataSource', spec(inline, { dataSource: '' }), /dataSource/],
    ['a slash in the name', spec(inline, { dataSource: 'a/b' }), /a\/b/],
    [
      'unknown metric type',
      spec(inline, { metricsSpec: [{ type: 'longSun', name: 'x' }] }),
      /longSun/,
    ],
    [
      'unknown granularity',
      spec(inline, { granularitySpec: { segmentGranularity: 'DAYS' } }),
      /DAYS/,
    ],
    ['unknown input source', spec({ type: 'ftp' }), /ftp/],
    ['not a task', { type: 'index_parallel' }, /spec/],
    ['unknown task type', { type: 'index_magic' }, /index_magic/],
  ])('%s', async (_name, body, expected) => {
    const { status, json } = await server.post('/druid/indexer/v1/task', body);
    expect(status).toBe(400);
    expect(message(json)).toMatch(expected);
  });

  test.each([
    ['outside the roots', { type: 'local', files: [join(scratch, 'secret.json')] }],
    ['climbing out', { type: 'local', files: [`${root}/../secret.json`] }],
    ['through a link', { type: 'local', files: [join(root, 'link.json')] }],
    ['a baseDir outside', { type: 'local', baseDir: scratch, filter: '*.json' }],
    ['a device', { type: 'local', files: ['/dev/zero'] }],
  ])('a file %s is not read', async (_name, source) => {
    const { status, json } = await server.post('/druid/indexer/v1/task', spec(source));
    if (status === 200) {
      const task = (json as { task: string }).task;
      expect(await server.finished(task)).toBe('FAILED');
      const answer = await server.get(`/druid/indexer/v1/task/${encodeURIComponent(task)}/status`);
      expect(JSON.stringify(answer.json)).toMatch(/local-root|not found|regular file/);
    } else {
      expect(status).toBe(400);
      expect(message(json)).toMatch(/local-root/);
    }
  });

  test('a host that is not on the list is not asked', async () => {
    const source = { type: 'http', uris: ['http://127.0.0.1:1/x.json'] };
    const { status, json } = await server.post('/druid/indexer/v1/task', spec(source));
    expect(status).toBe(400);
    expect(message(json)).toMatch(/127\.0\.0\.1/);
  });
});

describe('queries', () => {
  const timeseries = {
    queryType: 'timeseries',
    dataSource: 'events',
    intervals: '1970/1980',
    granularity: 'all',
    aggregations: [{ type: 'count', name: 'c' }],
  };
  test.each([
    ['body that is not JSON', '{"queryType":', /JSON|json/],
    ['no queryType', {}, /queryType/],
    ['unknown queryType', { queryType: 'timeserie' }, /timeserie/],
    ['bad interval', { ...timeseries, intervals: 'yesterday' }, /yesterday/],
    ['bad granularity', { ...timeseries, granularity: 'fortnight' }, /fortnight/],
    ['unknown filter', { ...timeseries, filter: { type: 'selektor' } }, /selektor/],
    ['unknown aggregator', { ...timeseries, aggregations: [{ type: 'sum', name: 'x' }] }, /sum/],
    [
      'a name twice',
      {
        ...timeseries,
        aggregations: [
          { type: 'count', name: 'c' },
          { type: 'count', name: 'c' },
        ],
      },
      /c/,
    ],
    [
      'unknown expression function',
      { ...timeseries, virtualColumns: [{ type: 'expression', name: 'v', expression: 'nope(1)' }] },
      /nope/,
    ],
    [
      'a context value of the wrong type',
      { ...timeseries, context: { timeout: 'soon' } },
      /timeout/,
    ],
  ])('native: %s', async (_name, body, expected) => {
    const { status, json } = await server.post('/druid/v2', body);
    expect(status).toBe(400);
    expect(message(json)).toMatch(expected);
    expect(Object.keys(json as object)).toEqual(
      expect.arrayContaining(['error', 'errorMessage', 'errorClass', 'host']),
    );
  });

  test.each([
    ['a misspelt keyword', 'SELEC 1', /line \[1\], column \[1\]/],
    ['an unknown table', 'SELECT * FROM nope', /nope.*line \[1\], column \[15\]/],
    ['an unknown column', 'SELECT b FROM events', /b.*line \[1\], column \[8\]/],
    ['an unknown function', 'SELECT NOPE(a) FROM events', /NOPE/i],
    ['a type that does not fit', 'SELECT SUM(a) FROM events GROUP', /line \[1\]/],
    ['an unclosed string', "SELECT 'a FROM events", /line \[1\], column \[8\]/],
    ['INSERT', 'INSERT INTO events SELECT 1', /INSERT/i],
  ])('SQL: %s', async (_name, query, expected) => {
    const { status, json } = await server.post('/druid/v2/sql', { query });
    expect(status).toBe(400);
    expect(message(json)).toMatch(expected);
  });

  test('an unknown native data source is empty, as in Druid', async () => {
    const { status, json } = await server.post('/druid/v2', {
      ...timeseries,
      queryType: 'groupBy',
      dataSource: 'nope',
    });
    expect([status, json]).toEqual([200, []]);
  });
});

describe('strangers', () => {
  test.each([['a foreign Origin', { origin: 'https://evil.example' }]])(
    '%s is refused',
    async (_name, headers) => {
      const response = await fetch(`${server.url}/status`, { headers });
      expect(response.status).toBe(403);
    },
  );

  test.each(['/druid/v2//datasources', '/druid/%2fstatus', '/status;x=1'])(
    'the path %s is refused',
    async (path) => {
      expect((await fetch(server.url + path)).status).toBe(400);
    },
  );

  test('a second server on the same data directory does not start', async () => {
    await expect(ServerProcess.start({ dataDir: join(scratch, 'data') })).rejects.toThrow(/in use/);
  });

  test('off loopback only with --insecure', async () => {
    const dataDir = join(scratch, 'other');
    await expect(ServerProcess.start({ dataDir, flags: ['--host', '0.0.0.0'] })).rejects.toThrow(
      /insecure/,
    );
  });
});
