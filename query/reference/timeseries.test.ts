import { describe, expect, test } from 'vitest';
import { askText, at } from './asking-testing.js';

/** Nothing on the second day; no row on the third has a number. */
const ask = askText({ dimensions: { page: 'STRING', n: 'LONG', d: 'DOUBLE' } }, [
  { __time: at('2020-01-01T01:00'), page: 'A', n: 9007199254740993n, d: 1.5 },
  { __time: at('2020-01-01T02:00'), page: 'B', n: 2, d: 2 },
  { __time: at('2020-01-03T05:00'), page: 'A', n: null, d: null },
  { __time: at('2020-01-03T06:00'), page: null, n: null, d: null },
]);
const COUNT = { type: 'count', name: 'c' };
const SUM = { type: 'longSum', name: 's', fieldName: 'n' };
const DAILY = { queryType: 'timeseries', granularity: 'day', aggregations: [COUNT] };
const ALL = { ...DAILY, granularity: 'all' };
const NO_ROW = { type: 'false' };

/** The counts of an answer, each behind its time. */
const counts = async (query: Record<string, unknown>): Promise<string> =>
  [...(await ask({ ...DAILY, ...query })).matchAll(/"timestamp":"?(.+?)"?,"result":\{"c":(\w+)\}/g)]
    .map(([, time, count]) => `${time} ${count}`)
    .join(', ');

describe('the answer', () => {
  test('has an element per bucket, with every output in the order asked for', async () => {
    const postAggregations = [{ type: 'expression', name: 'twice', expression: 'c * 2.0' }];
    expect(await ask({ ...DAILY, aggregations: [SUM, COUNT], postAggregations })).toBe(
      '[{"timestamp":"2020-01-01","result":{"s":9007199254740995,"c":2,"twice":4.0}},' +
        '{"timestamp":"2020-01-02","result":{"s":null,"c":0,"twice":0.0}},' +
        '{"timestamp":"2020-01-03","result":{"s":null,"c":2,"twice":4.0}}]',
    );
  });

  test('may consist of post-aggregators only, or of no output at all', async () => {
    const postAggregations = [{ type: 'constant', name: 'k', value: 1 }];
    const only = { ...ALL, aggregations: [], postAggregations };
    const time = '"timestamp":"2020-01-01T01:00:00.000Z"';
    expect(await ask(only)).toBe(`[{${time},"result":{"k":1}}]`);
    expect(await ask({ ...only, aggregations: null })).toBe(`[{${time},"result":{"k":1}}]`);
    const nothing = { ...ALL, aggregations: undefined, postAggregations: null };
    expect(await ask(nothing)).toBe(`[{${time},"result":{}}]`);
  });

  test('starts a bucket before an interval that begins within it', async () => {
    expect(await counts({ intervals: '2020-01-01T01:30/2020-01-03T05:30' })).toBe(
      '2020-01-01 1, 2020-01-02 0, 2020-01-03 1',
    );
    expect(await counts({ granularity: 'week' })).toBe('2019-12-30 4');
  });

  test('shows a bucket once, though two intervals lie in it', async () => {
    const intervals = ['2020-01-01T01:00/2020-01-01T01:30', '2020-01-01T01:45/2020-01-01T03:00'];
    expect(await counts({ intervals })).toBe('2020-01-01 2');
  });
});

describe('buckets without rows', () => {
  test.each([
    { name: 'lie between the first and the last row', query: {} },
    { name: 'are none before or behind them', query: { intervals: '2019/2021' } },
  ])('$name', async ({ query }) => {
    expect(await counts(query)).toBe('2020-01-01 2, 2020-01-02 0, 2020-01-03 2');
  });

  test('are there where the filter takes all rows, and not where the interval has none', async () => {
    expect(await counts({ filter: NO_ROW })).toBe('2020-01-01 0, 2020-01-02 0, 2020-01-03 0');
    expect(await counts({ intervals: '2020-01-02/P1D' })).toBe('');
    expect(await counts({ dataSource: 'nowhere' })).toBe('');
  });

  test('are left out by skipEmptyBuckets', async () => {
    const context = { skipEmptyBuckets: true };
    expect(await counts({ context })).toBe('2020-01-01 2, 2020-01-03 2');
    const filter = { type: 'selector', dimension: 'page', value: 'B' };
    expect(await counts({ context, filter })).toBe('2020-01-01 1');
    expect(await counts({ context, filter: NO_ROW })).toBe('');
  });

  test('have what each aggregator starts with: 0 where it counts or estimates, else null', async () => {
    const numbers = ['long', 'double', 'float'].flatMap((type) =>
      ['Sum', 'Min', 'Max', 'First', 'Last', 'Any'].map((kind) => type + kind),
    );
    const texts = ['stringFirst', 'stringLast', 'stringAny'];
    const sketches = ['hyperUnique', 'thetaSketch', 'HLLSketchBuild'];
    const all = [...numbers, 'doubleMean', ...texts, ...sketches, 'quantilesDoublesSketch'];
    const fieldOf = (type: string) => ([...texts, ...sketches].includes(type) ? 'page' : 'd');
    const named = all.map((type) => ({ type, name: type, fieldName: fieldOf(type) }));
    const aggregations = [COUNT, ...named];
    const postAggregations = [
      {
        type: 'quantilesDoublesSketchToQuantile',
        name: 'median',
        fraction: 0.5,
        field: { type: 'fieldAccess', fieldName: 'quantilesDoublesSketch' },
      },
    ];
    const nulls = [...numbers, 'doubleMean', ...texts].map((name) => `"${name}":null`).join();
    const estimates = sketches.map((name) => `"${name}":0.0`).join();
    const row = `{"c":0,${nulls},${estimates},"quantilesDoublesSketch":0,"median":"NaN"}`;
    const query = { ...ALL, aggregations, postAggregations, filter: NO_ROW };
    expect(await ask(query)).toBe(`[{"timestamp":"2020-01-01T01:00:00.000Z","result":${row}}]`);
    const days = await ask({ ...query, granularity: 'day' });
    expect(days.split(row)).toHaveLength(1 + 3);
  });
});

describe('granularity all', () => {
  test.each([
    { name: 'the time of the first row', query: {}, expected: '2020-01-01T01:00:00.000Z 4' },
    {
      name: 'that the interval has',
      query: { intervals: '2020-01-01T01:30/P1D' },
      expected: '2020-01-01T02:00:00.000Z 1',
    },
    {
      name: 'whatever the filter takes',
      query: { filter: { type: 'selector', dimension: 'page', value: 'B' } },
      expected: '2020-01-01T01:00:00.000Z 1',
    },
    {
      name: 'of the first of several intervals, which make one row',
      query: { intervals: ['2020-01-03/P1D', '2020-01-01T01:30/P1D'] },
      expected: '2020-01-01T02:00:00.000Z 3',
    },
    {
      name: 'the start of the interval where it has no row',
      query: { intervals: ['2020-01-02T03/PT1H', '2020-01-02/PT1H'] },
      expected: '2020-01-02 0',
    },
    {
      name: 'likewise of a table that is not there',
      query: { dataSource: 'nowhere' },
      expected: '1000-01-01 0',
    },
    { name: 'the epoch without an interval', query: { intervals: [] }, expected: '1970-01-01 0' },
    {
      name: 'no row of nothing with skipEmptyBuckets',
      query: { filter: NO_ROW, context: { skipEmptyBuckets: true } },
      expected: '',
    },
    {
      name: 'nor bySegment',
      query: { dataSource: 'nowhere', context: { bySegment: true } },
      expected: '',
    },
  ])('$name', async ({ query, expected }) => {
    expect(await counts({ granularity: 'all', ...query })).toBe(expected);
  });
});

describe('descending and limit', () => {
  test.each([
    { query: { descending: 'true' }, expected: '2020-01-03 2, 2020-01-02 0, 2020-01-01 2' },
    { query: { descending: null }, expected: '2020-01-01 2, 2020-01-02 0, 2020-01-03 2' },
    { query: { limit: '2' }, expected: '2020-01-01 2, 2020-01-02 0' },
    { query: { limit: 0 }, expected: '2020-01-01 2, 2020-01-02 0, 2020-01-03 2' },
    { query: { limit: null }, expected: '2020-01-01 2, 2020-01-02 0, 2020-01-03 2' },
    { query: { limit: 9007199254740993n }, expected: '2020-01-01 2, 2020-01-02 0, 2020-01-03 2' },
    { query: { limit: 2, descending: true }, expected: '2020-01-03 2, 2020-01-02 0' },
  ])('$query', async ({ query, expected }) => {
    expect(await counts(query)).toBe(expected);
  });

  test.each([
    { query: { limit: -1 }, message: 'limit: want 0 (unlimited) or more; got -1' },
    { query: { limit: 1.5 }, message: 'limit: want an integer; got 1.5' },
    { query: { limit: 'few' }, message: 'limit: want an integer; got "few"' },
    { query: { descending: 1 }, message: 'descending: want true or false; got 1' },
  ])('$query is refused', async ({ query, message }) => {
    await expect(counts(query)).rejects.toThrow(message);
  });
});

describe('the grand total', () => {
  const TOTALS = {
    ...DAILY,
    aggregations: [COUNT, SUM],
    postAggregations: [{ type: 'expression', name: 'p', expression: 'c + 1' }],
  };
  const totalOf = async (query: Record<string, unknown>, context = {}): Promise<string> => {
    const text = await ask({ ...TOTALS, ...query, context: { grandTotal: true, ...context } });
    return text.slice(text.lastIndexOf('{"timestamp"'), -1);
  };

  test.each([
    {
      name: 'comes last, without a time; post-aggregators are computed of it',
      query: {},
      expected: '{"timestamp":null,"result":{"c":4,"s":9007199254740995,"p":5}}',
    },
    {
      name: 'comes last of a descending answer and counts the rows that are left',
      query: { descending: true, limit: 2 },
      expected: '{"timestamp":null,"result":{"c":2,"s":null,"p":3}}',
    },
    {
      name: 'of buckets without rows is what they have',
      query: { filter: NO_ROW },
      expected: '{"timestamp":null,"result":{"c":0,"s":null,"p":1}}',
    },
    {
      name: 'of no buckets is null',
      query: { dataSource: 'nowhere' },
      expected: '{"timestamp":null,"result":{"c":null,"s":null,"p":null}}',
    },
    {
      name: 'of no buckets that are shown as well',
      query: { filter: NO_ROW },
      context: { skipEmptyBuckets: true },
      expected: '{"timestamp":null,"result":{"c":null,"s":null,"p":null}}',
    },
    {
      name: 'follows the one row of granularity all',
      query: { granularity: 'all' },
      expected: '{"timestamp":null,"result":{"c":4,"s":9007199254740995,"p":5}}',
    },
    {
      name: 'has no time among times as numbers',
      query: {},
      context: { serializeDateTimeAsLong: true },
      expected: '{"timestamp":null,"result":{"c":4,"s":9007199254740995,"p":5}}',
    },
    {
      name: 'nor in timestampResultField',
      query: {},
      context: { timestampResultField: 't' },
      expected: '{"timestamp":null,"result":{"t":null,"c":4,"s":9007199254740995,"p":5}}',
    },
  ])('$name', async ({ query, context, expected }) => {
    expect(await totalOf(query, context)).toBe(expected);
  });
});
