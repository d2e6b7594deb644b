import { describe, expect, test } from 'vitest';
import { ask, INTERVALS, ROWS, TABLE, tables } from './fixture-testing.js';
import { parseNativeQuery } from './native/registry.js';
import { TestTables, testEngine } from './testing.js';

describe('virtual columns', () => {
  const virtualColumns = [
    {
      type: 'expression',
      name: 'page',
      expression: "concat('n is ', twice)",
      outputType: 'STRING',
    },
    { type: 'expression', name: 'twice', expression: 'n * 2', outputType: 'LONG' },
  ];
  const sealed = new TestTables().addSealed('t', TABLE, [{ rows: ROWS }], 100);

  test.each([
    { name: 'mutable', from: tables },
    { name: 'file with only the needed columns loaded', from: sealed },
  ])('are seen by dimensions, filters, aggregators and scans: $name', async ({ from }) => {
    const query = {
      queryType: 'groupBy',
      granularity: 'all',
      virtualColumns,
      dimensions: [{ type: 'default', dimension: 'twice', outputName: 'k', outputType: 'LONG' }],
      aggregations: [{ type: 'longSum', name: 's', fieldName: 'twice' }],
      filter: { type: 'bound', dimension: 'twice', lower: '0', ordering: 'numeric' },
      context: { resultAsArray: true },
    };
    expect(await ask(query, from)).toEqual([
      [4, 4],
      [18014398509481986n, 18014398509481986n],
    ]);
  });

  test.each([
    { name: 'twice', of: (before: string) => `${before} + ${before}` },
    { name: 'in one call', of: (before: string) => `greatest(${before}, ${before}, 1)` },
  ])('a row of them that reads the one before $name is refused', async ({ of }) => {
    const chain = Array.from({ length: 40 }, (_, i) => ({
      type: 'expression',
      name: `v${i + 1}`,
      expression: of(`v${i}`),
    }));
    const count = { type: 'count', name: 'rows' };
    const query = { queryType: 'timeseries', granularity: 'all', aggregations: [count] };
    await expect(ask({ ...query, virtualColumns: chain })).rejects.toMatchObject({
      family: 'user',
      field: 'virtualColumns',
      message: expect.stringContaining('v16 reads more than 100000 columns'),
    });
    const few = chain.slice(0, 10);
    expect(await ask({ ...query, virtualColumns: few })).toHaveLength(1);
  });

  test('one shadows a physical column, and never reads itself', async () => {
    const [shadow, twice] = virtualColumns;
    const scan = {
      queryType: 'scan',
      virtualColumns: [twice, shadow],
      columns: ['page', 'twice'],
      resultFormat: 'compactedList',
      limit: 1,
    };
    const [element] = (await ask(scan, sealed)) as { events: unknown[] }[];
    expect(element?.events).toEqual([['n is 18014398509481986', 18014398509481986n]]);
    const selfish = { ...shadow, expression: 'upper(page)' };
    await expect(ask({ ...scan, virtualColumns: [selfish] })).rejects.toMatchObject({
      field: 'virtualColumns[0].name',
    });
  });

  test('all columns: virtual ones stand behind the time', async () => {
    const scan = { queryType: 'scan', virtualColumns: [virtualColumns[1]] };
    const [element] = (await ask(scan, sealed)) as { columns: string[] }[];
    expect(element?.columns).toEqual(['__time', 'twice', 'page', 'tags', 'n', 'x']);
  });
});

describe('limits', () => {
  const scan = { queryType: 'scan', dataSource: 't', intervals: INTERVALS };
  const inner = { ...scan, columns: ['page'] };
  test.each([
    {
      name: 'groups',
      query: { queryType: 'groupBy', granularity: 'all', dimensions: ['page'] },
      limits: { maxGroups: 2 },
      expected: { limit: 2, amount: 3 },
    },
    {
      name: 'rows of a topN',
      query: {
        ...{ queryType: 'topN', granularity: 'all', dimension: 'page', threshold: 9 },
        metric: { type: 'dimension' },
      },
      limits: { maxResultRows: 2 },
      expected: { limit: 2, amount: 3 },
    },
    { name: 'scanned rows', query: scan, limits: { maxResultRows: 3 }, expected: { limit: 3 } },
    {
      name: 'time buckets',
      query: { queryType: 'timeseries', granularity: 'second' },
      limits: { maxResultRows: 1000 },
      expected: { limit: 1000 },
    },
    {
      name: 'rows of an inner query',
      query: {
        queryType: 'timeseries',
        granularity: 'all',
        dataSource: { type: 'query', query: inner },
      },
      limits: { maxSubqueryRows: 3 },
      expected: { limit: 3, amount: 4 },
    },
  ])('$name', async ({ query, limits, expected }) => {
    const parsed = parseNativeQuery({ dataSource: 't', intervals: INTERVALS, ...query });
    const failed = testEngine(tables, { limits }).run(parsed);
    await expect(failed).rejects.toMatchObject({ family: 'resourceLimit', ...expected });
  });

  test('a limit on the scan keeps it inside', async () => {
    const parsed = parseNativeQuery({ ...scan, limit: 3 });
    const { rows } = await testEngine(tables, { limits: { maxResultRows: 3 } }).run(parsed);
    expect(rows).toHaveLength(3);
  });

  test('the context may raise maxSubqueryRows', async () => {
    const parsed = parseNativeQuery({
      queryType: 'timeseries',
      granularity: 'all',
      intervals: INTERVALS,
      dataSource: { type: 'query', query: inner },
      context: { maxSubqueryRows: 4 },
    });
    const engine = testEngine(tables, { limits: { maxSubqueryRows: 3 } });
    expect((await engine.run(parsed)).rows).toHaveLength(1);
  });

  test('a timeout beyond the server allows is refused', async () => {
    const parsed = parseNativeQuery({ ...scan, context: { timeout: 11 } });
    const failed = testEngine(tables, { limits: { maxTimeoutMs: 10 } }).run(parsed);
    await expect(failed).rejects.toMatchObject({ kind: 'context', field: 'context.timeout' });
  });

  test('bySegment of what is more than segments is refused', async () => {
    const context = { bySegment: true };
    const parsed = parseNativeQuery({
      ...scan,
      dataSource: { type: 'query', query: scan },
      context,
    });
    const failed = testEngine(tables).run(parsed);
    await expect(failed).rejects.toMatchObject({ kind: 'context', field: 'context.bySegment' });
  });
});

test('statistics tell what was read and what was not', async () => {
  const split = new TestTables().add('t', TABLE, [
    { rows: ROWS.slice(0, 2) },
    { rows: ROWS.slice(2) },
  ]);
  const parsed = parseNativeQuery({
    queryType: 'scan',
    dataSource: 't',
    intervals: '1970-01-03/1970-01-04',
  });
  const { stats } = await testEngine(split).run(parsed);
  expect(stats).toMatchObject({ rowsScanned: 2, segments: 1, segmentsPruned: 1, jobs: 1 });
});

test('totals count queries by how they ended', async () => {
  const engine = testEngine(tables);
  const run = (fields: Record<string, unknown>, signal?: AbortSignal) =>
    engine.run(
      parseNativeQuery({ queryType: 'scan', dataSource: 't', intervals: INTERVALS, ...fields }),
      signal === undefined ? {} : { signal },
    );
  await run({});
  await run({});
  await run({ queryType: 'timeBoundary' });
  const filtered = { type: 'filter', base: 't', filter: { type: 'true' } };
  await expect(run({ queryType: 'segmentMetadata', dataSource: filtered })).rejects.toThrow();
  await expect(run({ context: { timeout: 1e12 } })).rejects.toThrow();
  await expect(run({}, AbortSignal.abort())).rejects.toThrow();
  const { queries, rowsScanned } = engine.totals;
  expect(queries).toEqual([
    { type: 'scan', outcome: 'success', count: 2 },
    { type: 'timeBoundary', outcome: 'success', count: 1 },
    { type: 'segmentMetadata', outcome: 'unsupported', count: 1 },
    { type: 'scan', outcome: 'user', count: 1 },
    { type: 'scan', outcome: 'cancelled', count: 1 },
  ]);
  expect(rowsScanned).toBe(2 * ROWS.length);
});

test('timestampResultField shows the bucket time, to post-aggregators too', async () => {
  const answer = await ask({
    queryType: 'timeseries',
    granularity: 'day',
    intervals: '1970-01-03/P1D',
    postAggregations: [{ type: 'fieldAccess', name: 'again', fieldName: 'time' }],
    context: { timestampResultField: 'time' },
  });
  expect(answer).toEqual([
    { timestamp: '1970-01-03T00:00:00.000Z', result: { time: 172800000, again: 172800000 } },
  ]);
});
