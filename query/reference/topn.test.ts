import { describe, expect, test } from 'vitest';
import { parseNativeQuery } from '../native/registry.js';
import { TestTables, testEngine } from '../testing.js';
import { askText, at } from './asking-testing.js';

/** Nothing on the second day. */
const ask = askText(
  { dimensions: { page: 'STRING', tags: 'STRING', n: 'LONG', d: 'DOUBLE', f: 'FLOAT' } },
  [
    { __time: at('2020-01-01T01:00'), page: 'A', tags: ['a', 'b', 'a'], n: 7, d: 1.5, f: 0.1 },
    { __time: at('2020-01-01T02:00'), page: 'B', tags: 'b', n: 2, d: 2, f: 1 },
    { __time: at('2020-01-03T05:00'), page: '', tags: null, n: null, d: null, f: null },
    { __time: at('2020-01-03T06:00'), page: null, tags: ['a', 'c'], n: -3, d: 1e10, f: 3 },
  ],
);
const COUNT = { type: 'count', name: 'c' };
const SUM = { type: 'longSum', name: 's', fieldName: 'n' };
const TOP = {
  queryType: 'topN',
  granularity: 'all',
  dimension: 'page',
  threshold: 10,
  metric: 'c',
  aggregations: [COUNT],
};
const of = (dimension: string, outputType: string) => ({
  type: 'default',
  dimension,
  outputName: dimension,
  outputType,
});

/** The groups of the only bucket, without the brackets around them. */
const groups = async (query: Record<string, unknown>): Promise<string> =>
  /"result":\[(.*)\]\}\]$/.exec(await ask({ ...TOP, ...query }))![1]!.replaceAll('"', '');

describe('the answer', () => {
  test('has the dimension first, then every output in the order asked for', async () => {
    const postAggregations = [{ type: 'expression', name: 'q', expression: "concat(page, '!')" }];
    const query = { ...TOP, threshold: 2, aggregations: [SUM, COUNT], postAggregations };
    expect(await ask(query)).toBe(
      '[{"timestamp":"2020-01-01T01:00:00.000Z","result":' +
        '[{"page":null,"s":-3,"c":1,"q":null},{"page":"","s":null,"c":1,"q":"!"}]}]',
    );
  });

  test('has an element per bucket between the first and the last row, empty ones too', async () => {
    const daily = { ...TOP, granularity: 'day', threshold: 1 };
    expect(await ask(daily)).toBe(
      '[{"timestamp":"2020-01-01","result":[{"page":"A","c":1}]},' +
        '{"timestamp":"2020-01-02","result":[]},' +
        '{"timestamp":"2020-01-03","result":[{"page":null,"c":1}]}]',
    );
    expect(await ask({ ...daily, descending: true })).toBe(await ask(daily));
    const context = { skipEmptyBuckets: true };
    expect(await ask({ ...daily, context })).toBe(await ask(daily));
  });

  test('of granularity all has the time of the first row, also where the filter takes all', async () => {
    const intervals = ['2020-01-03/P1D', '2020-01-01T01:30/P1D'];
    const none = { ...TOP, intervals, filter: { type: 'false' } };
    expect(await ask(none)).toBe('[{"timestamp":"2020-01-01T02:00:00.000Z","result":[]}]');
  });

  test.each([
    { name: 'no such table', query: { dataSource: 'nowhere' } },
    { name: 'no interval', query: { intervals: [] } },
    { name: 'an interval without rows', query: { intervals: '2020-01-02/P1D' } },
  ])('is empty of $name', async ({ query }) => {
    expect(await ask({ ...TOP, ...query })).toBe('[]');
    expect(await ask({ ...TOP, ...query, granularity: 'day' })).toBe('[]');
  });
});

describe('the order', () => {
  const aggregations = [SUM];
  const text = { type: 'stringLast', name: 'l', fieldName: 'page' };
  const choice = (expression: string) => [{ type: 'expression', name: 'z', expression }];
  test.each([
    {
      name: 'is that of the metric, highest first, nulls last',
      query: { metric: 's', aggregations },
      expected: '{page:A,s:7},{page:B,s:2},{page:null,s:-3},{page:,s:null}',
    },
    {
      name: 'is lowest first when inverted, nulls first',
      query: { metric: { type: 'inverted', metric: 's' }, aggregations },
      expected: '{page:,s:null},{page:null,s:-3},{page:B,s:2},{page:A,s:7}',
    },
    {
      name: 'is that of values among equals: null, the empty text, others',
      query: {},
      expected: '{page:null,c:1},{page:,c:1},{page:A,c:1},{page:B,c:1}',
    },
    {
      name: 'also when inverted',
      query: { metric: { type: 'inverted', metric: 'c' } },
      expected: '{page:null,c:1},{page:,c:1},{page:A,c:1},{page:B,c:1}',
    },
    {
      name: 'may be that of a post-aggregator, which may read the dimension',
      query: { metric: 'z', postAggregations: choice('strlen(page) + c') },
      expected: '{page:A,c:1,z:2},{page:B,c:1,z:2},{page:,c:1,z:1},{page:null,c:1,z:null}',
    },
    {
      name: 'has what is not a number above all numbers',
      query: {
        metric: 'z',
        postAggregations: choice("if(page == 'A', 0.0 / 0.0, if(page == 'B', 1.0 / 0.0, 1.0))"),
      },
      expected:
        '{page:A,c:1,z:NaN},{page:B,c:1,z:Infinity},{page:null,c:1,z:1.0},{page:,c:1,z:1.0}',
    },
    {
      name: 'may be that of texts',
      query: { metric: 'l', aggregations: [text] },
      expected: '{page:B,l:B},{page:A,l:A},{page:,l:},{page:null,l:null}',
    },
    {
      name: 'of a metric spec is that of the name in it',
      query: { metric: { type: 'numeric', metric: 's' }, aggregations, threshold: 1 },
      expected: '{page:A,s:7}',
    },
  ])('$name', async ({ query, expected }) => expect(await groups(query)).toBe(expected));

  test('among equal numbers is that of numbers', async () => {
    expect(await groups({ dimension: of('n', 'LONG') })).toBe(
      '{n:null,c:1},{n:-3,c:1},{n:2,c:1},{n:7,c:1}',
    );
  });
});

describe('the dimension', () => {
  test.each([
    {
      name: 'of lists has a group per value, each time that it is there',
      dimension: 'tags',
      expected: '{tags:a,c:3},{tags:b,c:2},{tags:null,c:1},{tags:c,c:1}',
    },
    {
      name: 'of lists as arrays has a group per list',
      dimension: of('tags', 'ARRAY<STRING>'),
      expected: '{tags:null,c:1},{tags:[a,b,a],c:1},{tags:[a,c],c:1},{tags:[b],c:1}',
    },
    {
      name: 'of doubles',
      dimension: of('d', 'DOUBLE'),
      expected: '{d:null,c:1},{d:1.5,c:1},{d:2.0,c:1},{d:1.0E10,c:1}',
    },
    {
      name: 'of floats',
      dimension: of('f', 'FLOAT'),
      expected: '{f:null,c:1},{f:0.1,c:1},{f:1.0,c:1},{f:3.0,c:1}',
    },
    {
      name: 'of texts that are to be numbers and are none is null',
      dimension: of('page', 'LONG'),
      expected: '{page:null,c:4}',
    },
    {
      name: 'of a filtered list has no group for rows that it empties',
      dimension: { type: 'listFiltered', delegate: 'tags', values: ['b'] },
      expected: '{tags:b,c:2}',
    },
    {
      name: 'of a filtered column has one of null for them',
      dimension: 'v',
      query: {
        virtualColumns: [{ type: 'mv-filtered', name: 'v', delegate: 'tags', values: ['b'] }],
      },
      expected: '{v:null,c:2},{v:b,c:2}',
    },
    {
      name: 'that is not there is null',
      dimension: 'missing',
      expected: '{missing:null,c:4}',
    },
    {
      name: 'may be the time, by another name',
      dimension: { type: 'default', dimension: '__time', outputName: 't', outputType: 'LONG' },
      query: { threshold: 1 },
      expected: `{t:${at('2020-01-01T01:00')},c:1}`,
    },
  ])('$name', async ({ dimension, query, expected }) => {
    expect(await groups({ dimension, ...query })).toBe(expected);
  });

  test('of numbers is text unless outputType says otherwise', async () => {
    const text = await ask({ ...TOP, dimension: 'n', threshold: 2 });
    expect(text).toContain('[{"n":null,"c":1},{"n":"-3","c":1}]');
  });
});

/** More values than the 1000 that Druid keeps of a segment; the best of all is nowhere among the best of its segment. */
test('all groups count, whatever minTopNThreshold says', async () => {
  const part = (best: string) => ({
    rows: Array.from({ length: 1200 }, (_, i) => ({
      __time: i,
      page: `${best}${i}`,
      n: 10,
    })).concat({ __time: 0, page: 'shared', n: 9 }),
  });
  const table = { dimensions: { page: 'STRING', n: 'LONG' } } as const;
  const engine = testEngine(new TestTables().add('t', table, [part('a'), part('b')]));
  const best = { ...TOP, metric: 's', aggregations: [SUM], threshold: 1 };
  const query = { ...best, dataSource: 't', intervals: '1970/1971' };
  for (const minTopNThreshold of [1, 1000]) {
    const parsed = parseNativeQuery({ ...query, context: { minTopNThreshold } });
    expect((await engine.run(parsed)).rows.map((row) => row.slice(1))).toEqual([['shared', 18]]);
  }
});

describe('refused', () => {
  test.each([
    { query: { dimension: undefined }, message: 'dimension: must be given' },
    { query: { dimension: ['page', 'n'] }, message: 'dimension: want an object' },
    { query: { dimension: '__time' }, message: '"__time" is the time of the bucket' },
    { query: { threshold: undefined }, message: 'threshold: want how many groups' },
    { query: { threshold: 0 }, message: 'threshold: want how many groups' },
    { query: { threshold: -1 }, message: 'threshold: want how many groups' },
    { query: { threshold: 1.5 }, message: 'threshold: want an integer' },
    { query: { metric: undefined }, message: 'metric: want the name of an aggregation' },
    { query: { metric: '' }, message: 'metric: want the name of an aggregation' },
    { query: { metric: 'other' }, message: 'no aggregation or post-aggregation is named "other"' },
    { query: { metric: 'page' }, message: 'no aggregation or post-aggregation is named "page"' },
    {
      query: { metric: { type: 'best' } },
      message: "metric.type: Could not resolve type id 'best'",
    },
  ])('$query', async ({ query, message }) => {
    await expect(ask({ ...TOP, ...query })).rejects.toThrow(message);
  });

  test('texts of digits are numbers', async () => {
    expect(await groups({ threshold: '1' })).toBe('{page:null,c:1}');
  });
});
