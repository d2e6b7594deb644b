import { describe, expect, test } from 'vitest';
import { askText, at } from './asking-testing.js';

/** What all queries that aggregate have in common. */
const ask = askText({ dimensions: { page: 'STRING', n: 'LONG', d: 'DOUBLE', f: 'FLOAT' } }, [
  { __time: at('2020-01-01T01:00'), page: 'A', n: 9223372036854775807n, d: 1e10, f: 0.1 },
  { __time: at('2020-01-01T02:00'), page: 'B', n: -9223372036854775808n, d: -0.5, f: 16777216 },
]);
const COUNT = { type: 'count', name: 'c' };
const TIMESERIES = { queryType: 'timeseries', granularity: 'all', aggregations: [COUNT] };
const TOP = { ...TIMESERIES, queryType: 'topN', dimension: 'page', threshold: 10, metric: 'c' };
const GROUP = { ...TIMESERIES, queryType: 'groupBy', dimensions: ['page'] };
const ALL_TYPES = [TIMESERIES, TOP, GROUP];
const virtual = (name: string, expression: string) => ({
  type: 'expression',
  name,
  expression,
  outputType: 'LONG',
});

/** The only result of a timeseries without granularity. */
const result = async (query: Record<string, unknown>): Promise<string> =>
  /"result":(\{.*?\})\}/.exec(await ask({ ...TIMESERIES, ...query }))![1]!;

describe.each(ALL_TYPES)('$queryType', (plain) => {
  test('fields that are null are fields that are not there', async () => {
    const nulls = { filter: null, virtualColumns: null, postAggregations: null, context: null };
    expect(await ask({ ...plain, ...nulls })).toBe(await ask(plain));
  });

  test('fields that mean nothing to it are ignored, whatever they hold', async () => {
    const others = { bound: 5, comment: ['?'], resultFormat: 'x', legacy: {}, toInclude: 7 };
    const aggregations = [{ ...COUNT, fieldName: 'x', someday: 1 }];
    expect(await ask({ ...plain, ...others, aggregations })).toBe(await ask(plain));
  });

  test.each([
    { query: { dataSource: undefined }, message: 'dataSource: must be given' },
    { query: { dataSource: '' }, message: 'dataSource.name: want the name of a table; got ""' },
    { query: { intervals: null }, message: 'intervals: must be given' },
    { query: { granularity: undefined }, message: 'granularity: must be given' },
    { query: { aggregations: COUNT }, message: 'aggregations: want a list' },
    { query: { postAggregations: 'c' }, message: 'postAggregations: want a list' },
    { query: { virtualColumns: {} }, message: 'virtualColumns: want a list' },
    { query: { context: [] }, message: 'context: want an object' },
    { query: { filter: 'page' }, message: 'filter: ' },
  ])('$query is refused', async ({ query, message }) => {
    await expect(ask({ ...plain, ...query })).rejects.toThrow(message);
  });

  const constant = (name: string) => ({ type: 'constant', name, value: 1 });
  const field = (name: string, fieldName: string) => ({ type: 'fieldAccess', name, fieldName });
  test.each([
    { name: 'two aggregators', query: { aggregations: [COUNT, COUNT] }, message: '[c] already' },
    {
      name: 'a post-aggregator and an aggregator',
      query: { postAggregations: [constant('c')] },
      message: '[c] already defined',
    },
    {
      name: 'two post-aggregators',
      query: { postAggregations: [constant('p'), constant('p')] },
      message: '[p] already defined',
    },
    {
      name: 'an aggregator and the time',
      query: { aggregations: [COUNT, { type: 'count', name: '__time' }] },
      message: '"__time" is the time of the bucket; give this output another name',
    },
    {
      name: 'an aggregator and nothing',
      query: { aggregations: [COUNT, { type: 'count', name: '' }] },
      message: 'aggregations[1].name: must not be empty',
    },
  ])('no name twice: $name', async ({ query, message }) => {
    await expect(ask({ ...plain, ...query })).rejects.toThrow(message);
  });

  test('a post-aggregator reads what comes before it, not what comes behind', async () => {
    const chain = [constant('k'), field('again', 'k'), field('count', 'c')];
    expect(await ask({ ...plain, postAggregations: chain })).toContain('"k":1,"again":1,"count":');
    await expect(ask({ ...plain, postAggregations: chain.slice(0, 3).reverse() })).rejects.toThrow(
      'postAggregations[1]: Missing fields [k] for postAggregator [again]',
    );
    await expect(ask({ ...plain, postAggregations: [field('x', 'missing')] })).rejects.toThrow(
      'Missing fields [missing] for postAggregator [x]',
    );
  });
});

test.each([TOP, GROUP])(
  '$queryType: no name twice: a dimension and an aggregator',
  async (plain) => {
    const aggregations = [COUNT, { type: 'count', name: 'page' }];
    await expect(ask({ ...plain, aggregations })).rejects.toThrow('[page] already defined');
  },
);

test.each([TOP, GROUP])('$queryType ignores descending', async (plain) => {
  const daily = { ...plain, granularity: 'day' };
  expect(await ask({ ...daily, descending: 'maybe' })).toBe(await ask(daily));
});

describe('numbers', () => {
  const of = (type: string, fieldName: string) => [{ type, name: 'x', fieldName }];
  test.each([
    { type: 'longMax', field: 'n', expected: '9223372036854775807' },
    { type: 'longMin', field: 'n', expected: '-9223372036854775808' },
    { type: 'longSum', field: 'n', expected: '-1' },
    { type: 'doubleMax', field: 'd', expected: '1.0E10' },
    { type: 'doubleMin', field: 'd', expected: '-0.5' },
    { type: 'floatMin', field: 'f', expected: '0.1' },
    { type: 'floatMax', field: 'f', expected: '1.6777216E7' },
    { type: 'doubleSum', field: 'missing', expected: 'null' },
  ])('$type of $field is $expected', async ({ type, field, expected }) => {
    expect(await result({ aggregations: of(type, field) })).toBe(`{"x":${expected}}`);
  });

  test('a LONG beyond 64 bits begins again at the other end', async () => {
    const aggregations = of('longSum', 'twice');
    const virtualColumns = [virtual('twice', 'n * 2')];
    expect(await result({ aggregations, virtualColumns })).toBe('{"x":-2}');
  });

  test.each([
    { expression: '0.0 / 0.0', expected: '"NaN"' },
    { expression: '1.0 / 0.0', expected: '"Infinity"' },
    { expression: '-1.0 / 0.0', expected: '"-Infinity"' },
    { expression: 'c * 1.0', expected: '2.0' },
    { expression: 'c / 4.0 / 1000000', expected: '5.0E-7' },
  ])('$expression is $expected', async ({ expression, expected }) => {
    const postAggregations = [{ type: 'expression', name: 'x', expression }];
    expect(await result({ aggregations: [COUNT], postAggregations })).toBe(
      `{"c":2,"x":${expected}}`,
    );
  });
});

describe('virtual columns', () => {
  const page = { type: 'selector', dimension: 'page', value: 'A' };
  test('are there for filters, dimensions and aggregators, and for one another', async () => {
    const query = {
      ...GROUP,
      virtualColumns: [virtual('longer', 'length + 1'), virtual('length', 'strlen(page)')],
      dimensions: [{ type: 'default', dimension: 'length', outputName: 'l', outputType: 'LONG' }],
      aggregations: [{ type: 'longSum', name: 's', fieldName: 'longer' }],
      filter: { type: 'selector', dimension: 'longer', value: '2' },
    };
    expect(await ask(query)).toContain('"event":{"l":1,"s":4}}]');
  });

  test('hide a stored column of their name', async () => {
    const virtualColumns = [virtual('n', '7')];
    const aggregations = [{ type: 'longSum', name: 's', fieldName: 'n' }];
    expect(await result({ virtualColumns, aggregations, filter: page })).toBe('{"s":7}');
  });

  test.each([
    { columns: [virtual('v', 'v + 1')], message: 'virtual column [v] reads itself' },
    {
      columns: [virtual('v', 'w + 1'), virtual('w', 'v + 1')],
      message: 'self-referential column [v] reads [w] reads [v]',
    },
    { columns: [virtual('v', '1'), virtual('v', '2')], message: '[v] is already defined' },
    { columns: [virtual('__time', '1')], message: 'virtual column name[__time] is not allowed' },
  ])('$message', async ({ columns, message }) => {
    const aggregations = [{ type: 'longSum', name: 's', fieldName: 'v' }];
    const query = { ...TIMESERIES, aggregations, virtualColumns: columns };
    await expect(ask(query)).rejects.toThrow(message);
  });
});
