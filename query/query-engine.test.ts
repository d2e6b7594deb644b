import { describe, expect, test } from 'vitest';
import { ask, DAY, HOUR, INTERVALS, ROWS, TABLE } from './fixture-testing.js';
import { parseNativeQuery } from './native/registry.js';
import { TestTables, testEngine } from './testing.js';

const COUNT = { type: 'count', name: 'rows' };
const SUM = { type: 'doubleSum', name: 's', fieldName: 'x' };

describe('timeseries', () => {
  const day = { queryType: 'timeseries', granularity: 'day', aggregations: [COUNT, SUM] };

  test('fills buckets between the first and the last visible row', async () => {
    expect(await ask(day)).toEqual([
      { timestamp: '1970-01-01T00:00:00.000Z', result: { rows: 2, s: 4 } },
      { timestamp: '1970-01-02T00:00:00.000Z', result: { rows: 0, s: null } },
      { timestamp: '1970-01-03T00:00:00.000Z', result: { rows: 2, s: 4 } },
    ]);
  });

  test('fills also where the filter matches nothing', async () => {
    const filter = { type: 'selector', dimension: 'page', value: 'B' };
    const answer = (await ask({ ...day, filter })) as { result: { rows: number } }[];
    expect(answer.map(({ result }) => result.rows)).toEqual([1, 0, 0]);
  });

  test('fills in the same way when a time filter rules a segment out unread', async () => {
    const split = new TestTables().add('t', TABLE, [
      { rows: ROWS.slice(0, 2) },
      { rows: ROWS.slice(2) },
    ]);
    const filter = {
      type: 'bound',
      dimension: '__time',
      lower: String(2 * DAY),
      ordering: 'numeric',
    };
    expect(await ask({ ...day, filter }, split)).toEqual(await ask({ ...day, filter }));
    expect(await ask({ ...day, filter }, split)).toHaveLength(3);
  });

  test('skips empty buckets when asked', async () => {
    const context = { skipEmptyBuckets: 'true' };
    expect(await ask({ ...day, context })).toHaveLength(2);
  });

  test.each([
    { name: 'descending', query: { descending: true }, expected: [2, 0, 2] },
    { name: 'limit counts filled rows', query: { limit: 2 }, expected: [2, 0] },
    {
      name: 'descending with a limit',
      query: { descending: true, limit: 1 },
      expected: [2],
    },
    {
      name: 'grand total of returned rows only',
      query: { limit: 1, context: { grandTotal: true } },
      expected: [2, 2],
    },
  ])('$name', async ({ query, expected }) => {
    const answer = (await ask({ ...day, ...query })) as { result: { rows: number } }[];
    expect(answer.map(({ result }) => result.rows)).toEqual(expected);
  });

  test('the grand total has no timestamp and computes post-aggregators again', async () => {
    const postAggregations = [
      {
        type: 'arithmetic',
        name: 'mean',
        fn: '/',
        fields: [
          { type: 'fieldAccess', fieldName: 's' },
          { type: 'fieldAccess', fieldName: 'rows' },
        ],
      },
    ];
    const answer = await ask({ ...day, postAggregations, context: { grandTotal: true } });
    expect((answer as unknown[]).at(-1)).toEqual({
      timestamp: null,
      result: { rows: 4, s: 8, mean: 2 },
    });
  });

  test('a sketch that a post-aggregator accesses is shown as base64, or final', async () => {
    const aggregations = [{ type: 'thetaSketch', name: 'seen', fieldName: 'd' }];
    const postAggregations = ['fieldAccess', 'finalizingFieldAccess'].map((type) => ({
      type,
      name: type,
      fieldName: 'seen',
    }));
    const all = { ...day, granularity: 'all', aggregations, postAggregations };
    const [{ result }] = (await ask(all)) as [{ result: Record<string, unknown> }];
    expect(result.finalizingFieldAccess).toBe(result.seen);
    expect(result.fieldAccess).toMatch(/^A[A-Za-z0-9+/]+=*$/);
  });

  test('granularity all: one row at the first visible row', async () => {
    const all = { ...day, granularity: 'all' };
    expect(await ask(all)).toEqual([
      { timestamp: '1970-01-01T01:00:00.000Z', result: { rows: 4, s: 8 } },
    ]);
    const filter = { type: 'false' };
    expect(await ask({ ...all, filter })).toEqual([
      { timestamp: '1970-01-01T01:00:00.000Z', result: { rows: 0, s: null } },
    ]);
    expect(await ask({ ...all, filter, context: { skipEmptyBuckets: true } })).toEqual([]);
  });

  test('granularity all over nothing: one row of initial values at the interval start', async () => {
    const all = { ...day, granularity: 'all', dataSource: 'nowhere' };
    expect(await ask(all)).toEqual([
      { timestamp: '1970-01-01T00:00:00.000Z', result: { rows: 0, s: null } },
    ]);
    expect(await ask({ ...all, context: { skipEmptyBuckets: true } })).toEqual([]);
    expect(await ask({ ...all, intervals: [] })).toEqual([
      { timestamp: '1970-01-01T00:00:00.000Z', result: { rows: 0, s: null } },
    ]);
  });

  test('fills per interval, not between intervals', async () => {
    const intervals = ['1970-01-01/1970-01-02', '1970-01-03T06:00/1970-01-04'];
    const answer = (await ask({ ...day, intervals })) as { timestamp: string }[];
    expect(answer.map(({ timestamp }) => timestamp.slice(0, 10))).toEqual([
      '1970-01-01',
      '1970-01-03',
    ]);
  });

  test('timestamps carry the zone of the granularity, or are millis when asked', async () => {
    const granularity = { type: 'period', period: 'P1D', timeZone: 'America/Los_Angeles' };
    const [first] = (await ask({ ...day, granularity })) as { timestamp: string }[];
    expect(first?.timestamp).toBe('1969-12-31T00:00:00.000-08:00');
    const [asLong] = (await ask({
      ...day,
      context: { serializeDateTimeAsLong: true },
    })) as { timestamp: number }[];
    expect(asLong?.timestamp).toBe(0);
  });
});

test.each([
  { queryType: 'topN', dimension: 'page', threshold: 1, metric: 'rows', expected: DAY },
  { queryType: 'groupBy', dimensions: ['n'], expected: DAY },
  { queryType: 'search', query: { type: 'contains', value: 'A' }, expected: DAY },
  { queryType: 'timeBoundary', expected: DAY + HOUR },
])('timestamps of $queryType are millis when asked', async ({ expected, ...query }) => {
  const shifted = new TestTables().add('t', TABLE, [
    { rows: [{ ...ROWS[0]!, __time: DAY + HOUR }] },
  ]);
  const whole = { granularity: 'day', aggregations: [COUNT], ...query };
  const context = { serializeDateTimeAsLong: true };
  const [plain] = (await ask(whole, shifted)) as { timestamp: string }[];
  const [asLong] = (await ask({ ...whole, context }, shifted)) as { timestamp: number }[];
  expect(asLong?.timestamp).toBe(expected);
  expect(plain?.timestamp).toBe(new Date(expected).toISOString());
});

describe('topN', () => {
  const top = {
    queryType: 'topN',
    granularity: 'all',
    dimension: 'page',
    threshold: 10,
    metric: 'rows',
    aggregations: [COUNT],
  };
  const pages = async (query: Record<string, unknown>) =>
    ((await ask({ ...top, ...query })) as { result: { page: unknown }[] }[]).map(({ result }) =>
      result.map(({ page }) => page),
    );

  test('ranks by the metric, ties by value with null first', async () => {
    expect(await ask(top)).toEqual([
      {
        timestamp: '1970-01-01T01:00:00.000Z',
        result: [
          { page: 'A', rows: 2 },
          { page: null, rows: 1 },
          { page: 'B', rows: 1 },
        ],
      },
    ]);
  });

  test.each([
    { name: 'threshold', query: { threshold: 1 }, expected: [['A']] },
    {
      name: 'inverted: ties still ascend',
      query: { metric: { type: 'inverted', metric: 'rows' } },
      expected: [[null, 'B', 'A']],
    },
    {
      name: 'by dimension',
      query: { metric: { type: 'dimension', ordering: 'lexicographic' } },
      expected: [[null, 'A', 'B']],
    },
    {
      name: 'by dimension, inverted',
      query: { metric: { type: 'inverted', metric: { type: 'dimension' } } },
      expected: [['B', 'A', null]],
    },
    {
      name: 'after a previous stop',
      query: { metric: { type: 'lexicographic', previousStop: 'A' } },
      expected: [['B']],
    },
    {
      name: 'after a previous stop, inverted',
      query: {
        metric: { type: 'inverted', metric: { type: 'alphaNumeric', previousStop: 'B' } },
      },
      expected: [['A', null]],
    },
    {
      name: 'buckets without rows are there',
      query: { granularity: 'day' },
      expected: [['A', 'B'], [], [null, 'A']],
    },
    { name: 'no segments', query: { dataSource: 'nowhere' }, expected: [] },
  ])('$name', async ({ query, expected }) => {
    expect(await pages(query)).toEqual(expected);
  });

  test('a row that a filtered dimension empties makes no group, but one of null in groupBy', async () => {
    const dimension = {
      type: 'listFiltered',
      delegate: { type: 'default', dimension: 'tags', outputName: 'tag' },
      values: ['c'],
    };
    expect(await ask({ ...top, dimension })).toEqual([
      { timestamp: '1970-01-01T01:00:00.000Z', result: [{ tag: 'c', rows: 1 }] },
    ]);
    const grouped = await ask({ ...top, queryType: 'groupBy', dimensions: [dimension] });
    expect((grouped as { event: unknown }[]).map(({ event }) => event)).toEqual([
      { tag: null, rows: 3 },
      { tag: 'c', rows: 1 },
    ]);
  });
});

describe('groupBy', () => {
  const group = {
    queryType: 'groupBy',
    granularity: 'all',
    dimensions: ['page'],
    aggregations: [COUNT],
  };
  const events = async (query: Record<string, unknown>) =>
    ((await ask({ ...group, ...query })) as { event: Record<string, unknown> }[]).map(
      ({ event }) => event,
    );

  test('shape, default order and the timestamp of granularity all', async () => {
    expect(await ask(group)).toEqual([
      { version: 'v1', timestamp: '1970-01-01T00:00:00.000Z', event: { page: null, rows: 1 } },
      { version: 'v1', timestamp: '1970-01-01T00:00:00.000Z', event: { page: 'A', rows: 2 } },
      { version: 'v1', timestamp: '1970-01-01T00:00:00.000Z', event: { page: 'B', rows: 1 } },
    ]);
    const [fudged] = (await ask({ ...group, context: { fudgeTimestamp: '5' } })) as {
      timestamp: string;
    }[];
    expect(fudged?.timestamp).toBe('1970-01-01T00:00:00.005Z');
  });

  test('no dimensions: a row per bucket with rows, none for nothing', async () => {
    expect(await events({ dimensions: [], granularity: 'day' })).toEqual([
      { rows: 2 },
      { rows: 2 },
    ]);
    expect(await events({ dimensions: [], filter: { type: 'false' } })).toEqual([]);
  });

  test('multi-value dimensions explode, two of them as a product', async () => {
    expect(await events({ dimensions: ['tags'] })).toEqual([
      { tags: null, rows: 1 },
      { tags: 'a', rows: 2 },
      { tags: 'b', rows: 2 },
      { tags: 'c', rows: 1 },
    ]);
    const again = { type: 'default', dimension: 'tags', outputName: 'again' };
    const pairs = await events({ dimensions: ['tags', again] });
    expect(pairs.reduce((sum, event) => sum + Number(event.rows), 0)).toBe(1 + 4 + 1 + 4);
    await expect(
      ask({ ...group, dimensions: ['tags'], context: { groupByEnableMultiValueUnnesting: false } }),
    ).rejects.toThrow('[tags]');
  });

  test('an ARRAY dimension groups whole lists', async () => {
    const dimensions = [
      { type: 'default', dimension: 'tags', outputName: 'list', outputType: 'ARRAY<STRING>' },
    ];
    expect(await events({ dimensions })).toEqual([
      { list: null, rows: 1 },
      { list: ['a', 'b'], rows: 1 },
      { list: ['a', 'c'], rows: 1 },
      { list: ['b'], rows: 1 },
    ]);
  });

  test.each([
    {
      name: 'having',
      query: { having: { type: 'greaterThan', aggregation: 'rows', value: 1 } },
      expected: ['A'],
    },
    {
      name: 'limit by a metric, ties in default order',
      query: {
        limitSpec: {
          type: 'default',
          limit: 2,
          columns: [{ dimension: 'rows', direction: 'DESC' }],
        },
      },
      expected: ['A', null],
    },
    {
      name: 'offset before limit',
      query: { limitSpec: { type: 'default', limit: 1, offset: 1, columns: ['page'] } },
      expected: ['A'],
    },
    {
      name: 'descending dimension: nulls last',
      query: {
        limitSpec: {
          type: 'default',
          columns: [{ dimension: 'page', direction: 'descending' }],
        },
      },
      expected: ['B', 'A', null],
    },
  ])('$name', async ({ query, expected }) => {
    expect((await events(query)).map(({ page }) => page)).toEqual(expected);
  });

  test('numeric dimensions are compared as text unless dimensionOrder says otherwise', async () => {
    const dimensions = [{ type: 'default', dimension: 'n', outputName: 'n', outputType: 'LONG' }];
    const by = async (dimensionOrder: string) =>
      (
        await events({
          dimensions,
          limitSpec: { type: 'default', columns: [{ dimension: 'n', dimensionOrder }] },
        })
      ).map(({ n }) => n);
    expect(await by('numeric')).toEqual([null, -3, 2, 9007199254740993n]);
    expect(await by('strlen')).toEqual([null, 2, -3, 9007199254740993n]);
  });

  test('subtotals: one grouping per list, with the grouping aggregator', async () => {
    const rows = await events({
      dimensions: ['page', 'n'],
      aggregations: [COUNT, { type: 'grouping', name: 'g', groupings: ['page', 'n'] }],
      subtotalsSpec: [['page'], []],
    });
    expect(rows).toEqual([
      { page: null, n: null, rows: 1, g: 1 },
      { page: 'A', n: null, rows: 2, g: 1 },
      { page: 'B', n: null, rows: 1, g: 1 },
      { page: null, n: null, rows: 4, g: 3 },
    ]);
  });

  test('resultAsArray: bare rows, with the time unless granularity is all', async () => {
    const context = { resultAsArray: true };
    expect(await ask({ ...group, context })).toEqual([
      [null, 1],
      ['A', 2],
      ['B', 1],
    ]);
    const daily = (await ask({ ...group, context, granularity: 'day' })) as unknown[];
    expect(daily[0]).toEqual([0, 'A', 1]);
  });

  test('sortByDimsFirst', async () => {
    const rows = await events({ granularity: 'day', context: { sortByDimsFirst: true } });
    expect(rows.map(({ page }) => page)).toEqual([null, 'A', 'A', 'B']);
  });

  test('a groupBy over a groupBy sees the bucket time and the outputs', async () => {
    const query = { ...group, dataSource: 't', intervals: INTERVALS, granularity: 'day' };
    expect(
      await events({
        dataSource: { type: 'query', query },
        dimensions: [],
        aggregations: [
          { type: 'longMax', name: 'most', fieldName: 'rows' },
          { type: 'longMax', name: 'time', fieldName: '__time' },
        ],
      }),
    ).toEqual([{ most: 1, time: 2 * DAY }]);
  });

  test('a sketch of an inner query is merged by the outer one', async () => {
    const query = {
      ...group,
      dataSource: 't',
      intervals: INTERVALS,
      aggregations: [{ type: 'hyperUnique', name: 'u', fieldName: 'tags' }],
    };
    const [total] = await events({
      dataSource: { type: 'query', query },
      dimensions: [],
      aggregations: [{ type: 'hyperUnique', name: 'u', fieldName: 'u', round: true }],
    });
    expect(total).toEqual({ u: 3 });
  });

  test('finalize false shows states', async () => {
    const [row] = await events({
      dimensions: [],
      aggregations: [
        { type: 'hyperUnique', name: 'u', fieldName: 'tags' },
        { type: 'thetaSketch', name: 't', fieldName: 'tags' },
        { type: 'stringLast', name: 'last', fieldName: 'tags' },
        COUNT,
      ],
      context: { finalize: false },
    });
    expect(row?.u).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(row?.t).toMatch(/^AgMDAAAazJMDAAAA[A-Za-z0-9+/]+=*$/);
    expect(row?.last).toMatchObject({ lhs: 2 * DAY + 6 * HOUR });
    expect(row?.rows).toBe(4);
  });
});

describe('scan', () => {
  const scan = { queryType: 'scan', columns: ['__time', 'page', 'tags', 'n', 'nothing'] };

  test('list: objects in column order, lists and exact longs', async () => {
    expect(await ask({ ...scan, limit: 1 })).toEqual([
      {
        segmentId: 't_-146136543-09-08T08:23:32.096Z_146140482-04-24T15:36:27.903Z_v1',
        columns: scan.columns,
        events: [
          { __time: HOUR, page: 'A', tags: ['a', 'b'], n: 9007199254740993n, nothing: null },
        ],
      },
    ]);
  });

  test('compactedList with all columns and a signature', async () => {
    const [element] = (await ask({ ...scan, columns: [], resultFormat: 'compactedList' })) as {
      columns: string[];
      events: unknown[][];
      rowSignature: unknown;
    }[];
    expect(element?.columns).toEqual(['__time', 'page', 'tags', 'n', 'x']);
    expect(element?.events[2]).toEqual([2 * DAY + 5 * HOUR, 'A', null, null, 4]);
    expect(element?.rowSignature).toEqual([
      { name: '__time', type: 'LONG' },
      { name: 'page', type: 'STRING' },
      { name: 'tags', type: 'STRING' },
      { name: 'n', type: 'LONG' },
      { name: 'x', type: 'DOUBLE' },
    ]);
  });

  test('batches by segment and batch size; offset before limit', async () => {
    const split = new TestTables().add('t', TABLE, [
      { rows: ROWS.slice(0, 3) },
      { rows: ROWS.slice(3) },
    ]);
    const sizes = async (query: Record<string, unknown>) =>
      ((await ask({ ...scan, ...query }, split)) as { events: unknown[] }[]).map(
        ({ events }) => events.length,
      );
    expect(await sizes({})).toEqual([3, 1]);
    expect(await sizes({ batchSize: 2 })).toEqual([2, 1, 1]);
    expect(await sizes({ offset: 1, limit: 3 })).toEqual([2, 1]);
    expect(await sizes({ offset: 9 })).toEqual([]);
    expect(await sizes({ filter: { type: 'false' } })).toEqual([]);
  });

  test.each([
    { order: 'ascending', expected: [0, 1, 2, 3] },
    { order: 'descending', expected: [3, 2, 1, 0] },
  ])('order by time $order over segments', async ({ order, expected }) => {
    const split = new TestTables().add('t', TABLE, [
      { rows: [ROWS[3]!, ROWS[0]!] },
      { rows: [ROWS[2]!, ROWS[1]!] },
    ]);
    const answer = (await ask({ ...scan, order }, split)) as {
      segmentId: unknown;
      events: { __time: number }[];
    }[];
    expect(answer).toHaveLength(1);
    expect(answer[0]?.segmentId).toBeNull();
    expect(answer[0]?.events.map(({ __time }) => __time)).toEqual(
      expected.map((i) => ROWS[i]!.__time),
    );
  });

  test('a clipped segment shows only rows inside', async () => {
    const clipped = new TestTables().add('t', TABLE, [
      { rows: ROWS, clip: { startMs: 2 * HOUR, endMs: 2 * DAY } },
    ]);
    const [element] = (await ask(scan, clipped)) as { events: unknown[] }[];
    expect(element?.events).toHaveLength(1);
  });
});

describe('other queries', () => {
  test('search counts rows per value', async () => {
    const search = {
      queryType: 'search',
      searchDimensions: ['page', 'tags'],
      query: { type: 'insensitive_contains', value: 'A' },
    };
    expect(await ask(search)).toEqual([
      {
        timestamp: '1970-01-01T01:00:00.000Z',
        result: [
          { dimension: 'page', value: 'A', count: 2 },
          { dimension: 'tags', value: 'a', count: 2 },
        ],
      },
    ]);
    expect(await ask({ ...search, query: { type: 'contains', value: 'nope' } })).toEqual([]);
    expect(await ask({ queryType: 'search', limit: 2, sort: { type: 'strlen' } })).toHaveLength(1);
    expect(await ask({ queryType: 'search', searchDimensions: ['nothing'] })).toEqual([]);
  });

  test.each([
    {
      name: 'both bounds',
      query: {},
      expected: {
        timestamp: '1970-01-01T01:00:00.000Z',
        result: { minTime: '1970-01-01T01:00:00.000Z', maxTime: '1970-01-03T06:00:00.000Z' },
      },
    },
    {
      name: 'one bound, in any case',
      query: { bound: 'MAXTIME' },
      expected: {
        timestamp: '1970-01-03T06:00:00.000Z',
        result: { maxTime: '1970-01-03T06:00:00.000Z' },
      },
    },
    {
      name: 'a filter',
      query: { bound: 'minTime', filter: { type: 'selector', dimension: 'page', value: 'B' } },
      expected: {
        timestamp: '1970-01-01T02:00:00.000Z',
        result: { minTime: '1970-01-01T02:00:00.000Z' },
      },
    },
  ])('timeBoundary: $name', async ({ query, expected }) => {
    expect(await ask({ queryType: 'timeBoundary', ...query })).toEqual([expected]);
  });

  test('timeBoundary of nothing', async () => {
    expect(await ask({ queryType: 'timeBoundary', dataSource: 'nowhere' })).toEqual([]);
    expect(await ask({ queryType: 'timeBoundary', filter: { type: 'false' } })).toEqual([]);
  });

  test('dataSourceMetadata', async () => {
    expect(await ask({ queryType: 'dataSourceMetadata' })).toEqual([
      {
        timestamp: '1970-01-03T06:00:00.000Z',
        result: { maxIngestedEventTime: '1970-01-03T06:00:00.000Z' },
      },
    ]);
    expect(await ask({ queryType: 'dataSourceMetadata', dataSource: 'nowhere' })).toEqual([]);
  });
});

describe('data sources', () => {
  test('inline rows, with and without a time', async () => {
    const inline = {
      type: 'inline',
      columnNames: ['k', 'v'],
      columnTypes: ['STRING', 'LONG'],
      rows: [
        ['a', 1],
        ['b', '9223372036854775807'],
        ['a', null],
      ],
    };
    const query = {
      queryType: 'groupBy',
      dataSource: inline,
      granularity: 'all',
      intervals: ['2018/2019', '2020/2021'],
      dimensions: ['k'],
      aggregations: [{ type: 'longSum', name: 's', fieldName: 'v' }],
      context: { resultAsArray: true },
    };
    expect(await ask(query)).toEqual([
      ['a', 1],
      ['b', 9223372036854775807n],
    ]);
    const timed = {
      ...inline,
      columnNames: ['__time', 'v'],
      rows: [
        [5, 1],
        [1_600_000_000_000, 2],
      ],
    };
    expect(
      await ask({ ...query, dataSource: { ...timed, columnTypes: null }, dimensions: [] }),
    ).toEqual([[2]]);
  });

  test('a union merges tables; a missing column is null', async () => {
    const two = new TestTables()
      .add('t', TABLE, [{ rows: ROWS }])
      .add('u', { dimensions: { other: 'STRING' } }, [{ rows: [{ __time: 0, other: 'o' }] }]);
    const dataSource = {
      type: 'union',
      dataSources: ['t', { type: 'table', name: 'u' }, 'nowhere'],
    };
    const answer = await ask(
      {
        queryType: 'groupBy',
        dataSource,
        granularity: 'all',
        dimensions: ['other'],
        aggregations: [COUNT],
        context: { resultAsArray: true },
      },
      two,
    );
    expect(answer).toEqual([
      [null, 4],
      ['o', 1],
    ]);
  });

  test('a timeseries over a topN', async () => {
    const query = {
      queryType: 'topN',
      dataSource: 't',
      intervals: INTERVALS,
      granularity: 'day',
      dimension: 'page',
      threshold: 1,
      metric: 'rows',
      aggregations: [COUNT],
    };
    const answer = (await ask({
      queryType: 'timeseries',
      granularity: 'day',
      dataSource: { type: 'query', query },
      aggregations: [COUNT],
    })) as { result: { rows: number } }[];
    expect(answer.map(({ result }) => result.rows)).toEqual([1, 0, 1]);
  });
});

test.each([10, 1100])('rows of an inner groupBy are in its order: %i groups', async (count) => {
  const rows = Array.from({ length: count }, (_, i) => ({
    __time: i,
    page: `p${i}`.padEnd(6, 'x'),
  }));
  const reversed = new TestTables().add('t', TABLE, [
    { rows: rows.slice(3).reverse() },
    { rows: rows.slice(0, 3).reverse() },
  ]);
  const groups = {
    queryType: 'groupBy',
    dataSource: 't',
    intervals: INTERVALS,
    granularity: 'all',
    dimensions: ['page'],
  };
  const dataSource = { type: 'query', query: groups };
  const wanted = rows.map(({ page }) => page).sort();
  const scan = { queryType: 'scan', dataSource, columns: ['page'], resultFormat: 'compactedList' };
  const [found] = (await ask(scan, reversed)) as [{ events: unknown[][] }];
  expect(found.events.flat()).toEqual(wanted);
  const windows = {
    queryType: 'windowOperator',
    intervals: null,
    dataSource,
    operators: [],
    outputSignature: [{ name: 'page' }],
  };
  expect(((await ask(windows, reversed)) as unknown[][]).flat()).toEqual(wanted);
  reversed.close();
});

test('pins are released, also after a failure', async () => {
  const own = new TestTables().add('t', TABLE, [{ rows: ROWS }, { rows: ROWS }]);
  const query = { queryType: 'groupBy', granularity: 'none', dimensions: ['page'] };
  await ask(query, own);
  const parsed = parseNativeQuery({ dataSource: 't', intervals: INTERVALS, ...query });
  await expect(testEngine(own, { limits: { maxGroups: 1 } }).run(parsed)).rejects.toThrow(
    'maxGroups',
  );
  expect(own.pinsHeld).toBe(0);
});
