import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CancelledError,
  type JsonObject,
  QueryTimeoutError,
  ResourceLimitError,
  UnavailableError,
} from '../../core/index.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import { type TestRow, TestTables, testEngine } from '../testing.js';
import type { ScanBatch } from './executor.js';
import { WorkerExecutor } from './worker-executor.js';

const ROWS: TestRow[] = Array.from({ length: 3000 }, (_, i) => ({
  __time: (i * 7919) % 100_000,
  s: `value ${i % 37}`,
  m: i % 3 === 0 ? ['x', `y${i % 5}`] : null,
  n: i % 11 === 0 ? 2n ** 63n - 1n : i,
}));
const TABLE = { dimensions: { s: 'STRING', m: 'STRING', n: 'LONG' } } as const;
const tables = new TestTables().add('t', TABLE, [
  { rows: ROWS.slice(0, 1000) },
  { rows: ROWS.slice(1000) },
]);
const BASE = { dataSource: 't', intervals: '1970/1971', granularity: 'all' };
const QUERIES: readonly Record<string, unknown>[] = [
  {
    queryType: 'groupBy',
    dimensions: ['s', 'm'],
    aggregations: [
      { type: 'count', name: 'c' },
      { type: 'longSum', name: 'n', fieldName: 'n' },
      { type: 'hyperUnique', name: 'u', fieldName: 's' },
      { type: 'stringLast', name: 'last', fieldName: 's' },
      { type: 'doubleMean', name: 'mean', fieldName: 'n' },
    ],
  },
  {
    queryType: 'topN',
    dimension: 'm',
    threshold: 3,
    metric: 'c',
    granularity: 'minute',
    aggregations: [{ type: 'count', name: 'c' }],
  },
  { queryType: 'scan', order: 'descending', limit: 100 },
  { queryType: 'search', query: { type: 'contains', value: '3' } },
  { queryType: 'timeBoundary', filter: { type: 'selector', dimension: 's', value: 'value 3' } },
  {
    queryType: 'groupBy',
    dimensions: [],
    aggregations: [{ type: 'hyperUnique', name: 'u', fieldName: 'u' }],
    dataSource: {
      type: 'query',
      query: {
        ...BASE,
        queryType: 'groupBy',
        dimensions: ['m'],
        aggregations: [{ type: 'hyperUnique', name: 'u', fieldName: 's' }],
      },
    },
  },
  ...['INNER', 'FULL'].map((joinType) => ({
    queryType: 'groupBy',
    dimensions: ['j.v', 's'],
    aggregations: [
      { type: 'count', name: 'c' },
      { type: 'longSum', name: 'w', fieldName: 'j.w' },
    ],
    dataSource: {
      type: 'join',
      left: 't',
      right: {
        type: 'inline',
        columnNames: ['k', 'v', 'w'],
        columnTypes: ['STRING', 'STRING', 'LONG'],
        rows: [
          ['value 1', 'one', '9223372036854775807'],
          ['value 2', 'two', 2],
          ['value 2', 'zwei', null],
          ['value 99', 'many', 99],
        ],
      },
      rightPrefix: 'j.',
      condition: 's == "j.k"',
      joinType,
    },
  })),
];

const parse = (query: Record<string, unknown>): NativeQuery =>
  parseNativeQuery({ ...BASE, ...query });

/** One job over no rows. */
const batchOf = (query: JsonObject, from: number): ScanBatch => ({
  kind: 'scan',
  query,
  jobs: [
    {
      source: { kind: 'rows', block: { fields: [], columns: [], rowCount: 0 } },
      from,
      to: from,
      spans: [],
      rowsExpected: 0,
    },
  ],
  bundles: [1],
  mergesJobs: false,
  givesBlocks: 'never',
  limits: { maxGroups: 1, maxRows: 1 },
  priority: 0,
});

/** Takes a while: a group per row, for every row of `times` copies of the table. */
const slow = (context: Record<string, unknown> = {}, times = 60) =>
  parse({
    queryType: 'groupBy',
    dimensions: ['s', 'm', 'n'],
    granularity: 'none',
    aggregations: [{ type: 'cardinality', name: 'u', fields: ['s', 'm', 'n'], byRow: true }],
    dataSource: { type: 'union', dataSources: new Array(times).fill('t') },
    context,
  });

describe('worker threads', () => {
  let executor: WorkerExecutor;
  beforeAll(() => {
    executor = new WorkerExecutor(2);
  });
  afterAll(() => executor.close());

  test.each(QUERIES)('answer as this thread does: $queryType', async (query) => {
    const here = await testEngine(tables, { rowsPerJob: 400 }).run(parse(query));
    const there = testEngine(tables, { rowsPerJob: 400, executor });
    for (let round = 0; round < 3; round++) {
      const { fields, rows } = await there.run(parse(query));
      expect(fields).toEqual(here.fields);
      expect(rows).toEqual(here.rows);
    }
    expect(tables.pinsHeld).toBe(0);
  });

  test('errors keep their type', async () => {
    const engine = testEngine(tables, { executor, limits: { maxGroups: 3 } });
    const failed = engine.run(parse(QUERIES[0]!));
    await expect(failed).rejects.toBeInstanceOf(ResourceLimitError);
    await expect(failed).rejects.toMatchObject({ limit: 3, amount: 4 });
  });

  test('the owner cancels', async () => {
    const controller = new AbortController();
    const answer = testEngine(tables, { executor }).run(slow(), { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(answer).rejects.toBeInstanceOf(CancelledError);
    expect(tables.pinsHeld).toBe(0);
    const before = testEngine(tables, { executor }).run(slow(), { signal: controller.signal });
    await expect(before).rejects.toBeInstanceOf(CancelledError);
  });

  test('time runs out', async () => {
    const answer = testEngine(tables, { executor }).run(slow({ timeout: 20, queryId: 'q7' }));
    await expect(answer).rejects.toBeInstanceOf(QueryTimeoutError);
    await expect(answer).rejects.toThrow('q7');
    expect(tables.pinsHeld).toBe(0);
  });

  test('a job that cannot be sent fails alone', async () => {
    const { limits, ...batch } = batchOf({ queryType: 'scan' }, 0);
    const unsendable = { ...batch, limits: { ...limits, bad: () => 1 } };
    await expect(executor.run(unsendable, new AbortController().signal)).rejects.toThrow('clone');
    const { rows } = await testEngine(tables, { executor }).run(parse(QUERIES[4]!));
    expect(rows).toHaveLength(1);
  });
});

test('a short query does not wait for the end of a long one', async () => {
  const executor = new WorkerExecutor(1);
  const engine = testEngine(tables, { executor, rowsPerJob: 400 });
  const ended: string[] = [];
  // 64 jobs, which go to the worker together.
  const long = engine.run(slow({}, 8)).then(() => ended.push('long'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await engine.run(parse(QUERIES[1]!)).then(() => ended.push('short'));
  await long;
  expect(ended).toEqual(['short', 'long']);
  await executor.close();
});

test('closing fails what runs and waits, and refuses more', async () => {
  const executor = new WorkerExecutor(1);
  const answer = testEngine(tables, { executor }).run(slow());
  await new Promise((resolve) => setTimeout(resolve, 20));
  const failed = expect(answer).rejects.toBeInstanceOf(UnavailableError);
  await executor.close();
  await failed;
  const late = testEngine(tables, { executor }).run(slow());
  await expect(late).rejects.toBeInstanceOf(UnavailableError);
});

/** Answers every job but one, at which its thread dies. */
const MORTAL = `
  import { parentPort } from 'node:worker_threads';
  const partial = { kind: 'times', minMs: null, maxMs: null, rowsScanned: 0 };
  parentPort.on('message', ({ jobs: [, from], control }) => {
    if (from === 13) process.exit(3);
    if (from === 14) throw new Error('thrown in the loop');
    Atomics.add(new Int32Array(control), 0, 1);
    parentPort.postMessage({ kind: 'done', partials: [{ job: 0, partial }] });
  });
`;

test('a crashed worker fails its batch only, and is replaced', async () => {
  const executor = new WorkerExecutor(
    2,
    new URL(`data:text/javascript,${encodeURIComponent(MORTAL)}`),
  );
  const { signal } = new AbortController();
  const batch = (from: number) => batchOf({ queryType: 'timeBoundary' }, from);
  const outcomes = await Promise.allSettled(
    [1, 13, 2, 13, 3, 14, 4].map((from) => executor.run(batch(from), signal)),
  );
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(UnavailableError);
  }
  await executor.close();
});
