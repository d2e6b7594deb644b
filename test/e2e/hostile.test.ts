import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** Queries that want too much: each is answered within its budget or refused, and cheap queries beside it are answered. */
const dataDir = temporaryDirectory('hostile');
const ROWS = 200_000;
let server: ServerProcess;

const row = (i: number): string =>
  `{"t":${i},"id":"id ${i}","page":"p${i % 1000}","text":"${'a'.repeat(40)}!","n":${i}}`;

const LIMITS = {
  query: {
    timeoutMs: 20_000,
    maxGroups: 1_000_000,
    maxResultRows: 150_000,
    maxSubqueryRows: 50_000,
    maxQueryBytes: '64MiB',
    maxSpillBytes: '128MiB',
  },
  http: { maxBodyBytes: '16MiB' },
};

beforeAll(async () => {
  const [config, file] = [join(dataDir, 'config.json'), join(dataDir, 'rows.json')];
  writeFileSync(config, JSON.stringify(LIMITS));
  const late = `{"t":${Date.UTC(2900, 0, 1)},"id":"late"}`;
  writeFileSync(file, [...Array.from({ length: ROWS }, (_, i) => row(i)), late].join('\n'));
  const flags = ['--config', config];
  server = await ServerProcess.start({ dataDir, localRoots: [dataDir], flags });
  const task = await server.submit({
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 'events',
        timestampSpec: { column: 't', format: 'millis' },
        dimensionsSpec: { dimensions: ['id', 'page', 'text', { type: 'long', name: 'n' }] },
        granularitySpec: { segmentGranularity: 'DAY', rollup: false },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'local', files: [file] },
        inputFormat: { type: 'json' },
      },
    },
  });
  expect(await server.finished(task)).toBe('SUCCESS');
}, 120_000);

afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const COUNT = { type: 'count', name: 'rows' };
const BASE = { dataSource: 'events', intervals: '1970/1971', granularity: 'all' };
const CHEAP = {
  ...BASE,
  queryType: 'timeseries',
  filter: { type: 'selector', dimension: 'page', value: 'p7' },
  aggregations: [COUNT],
  context: { useCache: false, useResultLevelCache: false },
};
const groupBy = (more: object) => ({
  ...BASE,
  queryType: 'groupBy',
  dimensions: ['id'],
  aggregations: [COUNT],
  ...more,
});
const regex = '^(a+)+$';
const extraction = { type: 'regex', expr: `(${regex})`, index: 1, replaceMissingValue: true };
const expression = (text: string) => ({
  ...CHEAP,
  virtualColumns: [{ type: 'expression', name: 'v', expression: text, outputType: 'STRING' }],
  filter: { type: 'null', column: 'v' },
});
const nested = (depth: number, wrap: (inner: unknown) => unknown, innermost: unknown) => {
  let value = innermost;
  for (let i = 0; i < depth; i++) value = wrap(value);
  return value;
};
const cross = (condition: string) => ({
  ...BASE,
  queryType: 'timeseries',
  aggregations: [{ type: 'longSum', name: 'sum', fieldName: 'j.n' }],
  dataSource: {
    type: 'join',
    left: 'events',
    right: { type: 'globalTable', name: 'events' },
    rightPrefix: 'j.',
    condition,
    joinType: 'INNER',
  },
});
const ids = Array.from({ length: 100_000 }, (_, i) => `id ${2 * i}`);

/** What is asked, and what is to come of it: rows, or the text of an error. */
const QUERIES: readonly (readonly [name: string, query: object, answer: number | RegExp])[] = [
  ['all groups of unique keys', groupBy({}), /maxResultRows/],
  [
    'the largest of unique keys',
    groupBy({
      limitSpec: { type: 'default', limit: 10, columns: ['rows'] },
    }),
    10,
  ],
  [
    'a sketch for each unique key',
    groupBy({
      aggregations: [{ type: 'quantilesDoublesSketch', name: 'q', fieldName: 'n', k: 32_768 }],
      limitSpec: { type: 'default', limit: 10, columns: ['id'] },
    }),
    10,
  ],
  ['100,000 values of IN', { ...CHEAP, filter: { type: 'in', dimension: 'id', values: ids } }, 1],
  [
    'a catastrophic regular expression',
    { ...CHEAP, filter: { type: 'regex', dimension: 'text', pattern: regex } },
    1,
  ],
  [
    'one that makes groups',
    groupBy({
      dimensions: [
        { type: 'extraction', dimension: 'text', outputName: 'x', extractionFn: extraction },
      ],
    }),
    1,
  ],
  ['one of a constant', expression(`regexp_extract('${'a'.repeat(40)}!', '${regex}')`), 1],
  [
    'one in a search',
    {
      ...BASE,
      queryType: 'search',
      searchDimensions: ['text'],
      query: { type: 'regex', pattern: regex },
    },
    0,
  ],
  [
    'a bucket for each second of a thousand years',
    { ...CHEAP, granularity: 'second', intervals: '1970/2970', filter: null, aggregations: [] },
    /maxResultRows/,
  ],
  [
    'an expression of 100,000 parentheses',
    expression(`${'('.repeat(1e5)}n${')'.repeat(1e5)}`),
    /levels/,
  ],
  [
    'a filter of 100,000 nots',
    { ...CHEAP, filter: nested(5000, (field) => ({ type: 'not', field }), { type: 'true' }) },
    /deep|nest/,
  ],
  [
    'queries in queries',
    nested(50, (query) => groupBy({ dataSource: { type: 'query', query } }), groupBy({})) as object,
    /nest deeper/,
  ],
  ['a text of 2^40 letters', expression(`repeat('x', 1099511627776)`), /repeat/],
  ['each row with each other', cross('1'), /maximum\[|maxSubqueryRows|maxResultRows|bytes|rows/],
  [
    'an inner query of too many rows',
    {
      ...CHEAP,
      filter: null,
      dataSource: {
        type: 'query',
        query: { ...BASE, queryType: 'scan', columns: ['id'] },
      },
    },
    /maxResultRows|maximum\[50000\]/,
  ],
  [
    'all rows in an order',
    {
      ...BASE,
      queryType: 'scan',
      orderBy: [
        { columnName: 'text', order: 'descending' },
        { columnName: 'id', order: 'ascending' },
      ],
      limit: 2_000_000_000,
    },
    /maxResultRows/,
  ],
  [
    'a topN of two thousand million',
    {
      ...BASE,
      queryType: 'topN',
      dimension: 'id',
      threshold: 2_000_000_000,
      metric: 'rows',
      aggregations: [COUNT],
    },
    /maxGroups|maxResultRows/,
  ],
  [
    'a list of all rows in one state',
    {
      ...CHEAP,
      filter: null,
      aggregations: [
        {
          type: 'expression',
          name: 'all',
          fields: ['id'],
          accumulatorIdentifier: 'acc',
          initialValue: 'ARRAY<STRING>[]',
          fold: 'array_append(acc, id)',
          combine: 'array_concat(acc, all)',
          maxSizeBytes: 1024,
        },
      ],
    },
    /maxSizeBytes|1024/,
  ],
  ['no time at all', groupBy({ context: { timeout: 1 } }), /time/i],
  [
    'a LIKE of many wildcards',
    { ...CHEAP, filter: { type: 'like', dimension: 'text', pattern: `${'%a'.repeat(30)}b` } },
    1,
  ],
];

/** Asks cheap queries, one after the other, until told to stop; gives what each took. */
function cheapBeside(): { readonly stop: () => Promise<readonly number[]> } {
  const times: number[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const start = performance.now();
      const { status, json } = await server.post('/druid/v2', CHEAP);
      expect([status, json]).toMatchObject([200, [{ result: { rows: ROWS / 1000 } }]]);
      times.push(performance.now() - start);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await asking;
      return times.sort((a, b) => a - b);
    },
  };
}

describe('is answered within its budget, or refused, while others are answered', () => {
  test.each(QUERIES)(
    '%s',
    async (name, query, wanted) => {
      const beside = cheapBeside();
      const start = performance.now();
      const { status, json } = await server.post('/druid/v2', query);
      const took = performance.now() - start;
      const times = await beside.stop();
      console.log(
        `${name}: ${status} in ${took.toFixed(0)} ms; ${times.length} cheap ones beside it, the slowest ${times.at(-1)!.toFixed(0)} ms`,
      );
      if (typeof wanted === 'number') {
        expect([status, json]).toEqual([200, expect.any(Array)]);
        expect(json).toHaveLength(wanted);
      } else {
        expect(status).toBeGreaterThanOrEqual(400);
        expect((json as { errorMessage: string }).errorMessage).toMatch(wanted);
      }
    },
    60_000,
  );
});

test('a body that is too large is refused', async () => {
  const { status } = await server.post('/druid/v2', `"${'x'.repeat(17 * 2 ** 20)}"`);
  expect(status).toBe(413);
});

test('a client that never reads a large answer keeps nobody waiting', async () => {
  const body = JSON.stringify({ ...BASE, queryType: 'scan', limit: 100_000 });
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname).pause();
  socket.on('error', () => undefined);
  socket.write(
    `POST /druid/v2 HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const beside = cheapBeside();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const times = await beside.stop();
  expect(times.length).toBeGreaterThan(1);
  socket.destroy();
});
