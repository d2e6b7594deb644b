import { describe, expect, test } from 'vitest';
import { answer, count, told } from './few-rows-testing.js';

const groups = (dimensions: readonly unknown[], more: object = {}) =>
  answer({
    queryType: 'groupBy',
    granularity: 'all',
    dimensions,
    aggregations: [{ type: 'count', name: 'c' }],
    context: { resultAsArray: true },
    ...more,
  });
const selector = (dimension: string, value: string | null) => ({
  type: 'selector',
  dimension,
  value,
});
const not = (field: object) => ({ type: 'not', field });

describe('a column that no segment has is null in every row', () => {
  test('for aggregators: nothing to add, and a count of nothing distinct', async () => {
    const of = (type: string, name: string) => ({ type, name, fieldName: 'nowhere' });
    const aggregations = [
      { type: 'count', name: 'rows' },
      of('longSum', 'ls'),
      of('doubleSum', 'ds'),
      of('doubleMin', 'mi'),
      of('longMax', 'ma'),
      of('doubleMean', 'me'),
      of('stringFirst', 'fi'),
      of('longAny', 'an'),
      { type: 'cardinality', name: 'ca', fields: ['nowhere'] },
      of('hyperUnique', 'hu'),
    ];
    const query = { queryType: 'timeseries', granularity: 'all', aggregations };
    expect(await told(query)).toBe(
      '[{"timestamp":"1970-01-01T01:00:00.000Z","result":{"rows":5,"ls":null,"ds":null,"mi":null,"ma":null,' +
        '"me":null,"fi":null,"an":null,"ca":0.0,"hu":0.0}}]',
    );
  });

  test('for dimensions: one group of null, whatever its type', async () => {
    const typed = { type: 'default', dimension: 'nowhere', outputName: 'l', outputType: 'LONG' };
    expect(await groups(['nowhere', typed])).toEqual([[null, null, 5]]);
  });

  test.each([
    [selector('nowhere', null), 5],
    [{ type: 'null', column: 'nowhere' }, 5],
    [selector('nowhere', ''), 0],
    [selector('nowhere', 'x'), 0],
    [not(selector('nowhere', 'x')), 0],
    [not(selector('nowhere', null)), 0],
    [{ type: 'in', dimension: 'nowhere', values: ['x', null] }, 5],
    [{ type: 'bound', dimension: 'nowhere', lower: '' }, 0],
    [{ type: 'like', dimension: 'nowhere', pattern: '%' }, 0],
    [{ type: 'expression', expression: 'nowhere == 1' }, 0],
  ])('for the filter %j', async (filter, rows) => {
    expect(await count({ filter })).toBe(rows);
  });
});

describe('null and the empty text are two values', () => {
  test('in groups, and first in their order', async () => {
    expect(await groups(['page'])).toEqual([
      [null, 1],
      ['', 1],
      ['A', 2],
      ['B', 1],
    ]);
  });

  test.each([
    [selector('page', null), 1],
    [selector('page', ''), 1],
    [not(selector('page', 'A')), 2],
    [not(selector('page', null)), 4],
    [{ type: 'in', dimension: 'page', values: [null, 'A'] }, 3],
    [not({ type: 'in', dimension: 'page', values: [null, 'A'] }), 2],
    [not({ type: 'in', dimension: 'page', values: ['A'] }), 2],
    [{ type: 'or', fields: [selector('page', 'A'), not(selector('page', 'A'))] }, 4],
    [not({ type: 'and', fields: [selector('page', 'A'), selector('page', 'B')] }), 4],
    [not({ type: 'range', column: 'n', matchValueType: 'LONG', lower: 0 }), 1],
    [{ type: 'istrue', field: not(selector('page', 'A')) }, 2],
    [{ type: 'isfalse', field: selector('page', 'A') }, 2],
  ])('%j', async (filter, rows) => {
    expect(await count({ filter })).toBe(rows);
  });
});

describe('rows of several texts', () => {
  test.each([
    [selector('tags', 'a'), 2],
    [selector('tags', null), 1],
    [selector('tags', ''), 1],
    [{ type: 'and', fields: [selector('tags', 'a'), selector('tags', 'b')] }, 1],
    [not(selector('tags', 'a')), 2],
    [{ type: 'columnComparison', dimensions: ['tags', 'page'] }, 1],
  ])('%j finds any of them', async (filter, rows) => {
    expect(await count({ filter })).toBe(rows);
  });

  const filter = selector('tags', 'a');

  test('are in a group for each, whichever of them the filter found', async () => {
    expect(await groups(['tags'], { filter })).toEqual([
      ['a', 2],
      ['b', 1],
      ['c', 1],
    ]);
  });

  test('but for dimensions and virtual columns that keep some', async () => {
    const values = ['a'];
    const listFiltered = { type: 'listFiltered', delegate: 'tags', values };
    expect(await groups([listFiltered], { filter })).toEqual([['a', 2]]);
    const kept = { type: 'mv-filtered', name: 'kept', delegate: 'tags', values };
    expect(await groups(['kept'], { filter, virtualColumns: [kept] })).toEqual([['a', 2]]);
  });

  test('are no number', async () => {
    const sum = { type: 'longSum', name: 's', fieldName: 'tags' };
    const query = { queryType: 'timeseries', granularity: 'all', aggregations: [sum] };
    expect(await answer(query)).toMatchObject([{ result: { s: null } }]);
  });
});

test('arrays are grouped and compared whole, in their own order', async () => {
  const whole = { type: 'default', dimension: 'list', outputName: 'l', outputType: 'ARRAY<LONG>' };
  expect(await groups([whole])).toEqual([
    [null, 1],
    [[], 1],
    [[null, 1], 1],
    [[1, 2], 1],
    [[3], 1],
  ]);
  const equals = (matchValue: readonly number[]) => ({
    type: 'equals',
    column: 'list',
    matchValueType: 'ARRAY<LONG>',
    matchValue,
  });
  expect(await count({ filter: equals([1, 2]) })).toBe(1);
  expect(await count({ filter: equals([2, 1]) })).toBe(0);
  expect(await count({ filter: equals([]) })).toBe(1);
});

describe('what clients rely on', () => {
  test('keys of null are there: dimensions, aggregators, post-aggregators, helpers', async () => {
    const aggregations = [{ type: 'longSum', name: 'a0:helper', fieldName: 'nowhere' }];
    const postAggregations = [{ type: 'fieldAccess', name: 'p', fieldName: 'a0:helper' }];
    const query = { granularity: 'all', aggregations, postAggregations };
    const filter = selector('page', null);
    const topN = { ...query, queryType: 'topN', dimension: 'page', threshold: 1, metric: 'p' };
    expect(await told({ ...topN, filter })).toBe(
      '[{"timestamp":"1970-01-01T01:00:00.000Z","result":[{"page":null,"a0:helper":null,"p":null}]}]',
    );
    const groupBy = { ...query, queryType: 'groupBy', dimensions: ['page'] };
    expect(await told({ ...groupBy, filter })).toBe(
      '[{"version":"v1","timestamp":"1970-01-01T00:00:00.000Z","event":{"page":null,"a0:helper":null,"p":null}}]',
    );
  });

  test('post-aggregators need no aggregators', async () => {
    const postAggregations = [
      { type: 'constant', name: 'k', value: 3 },
      { type: 'expression', name: 'e', expression: '1 + 1' },
    ];
    const query = { queryType: 'timeseries', granularity: 'all', aggregations: [] };
    expect(await told({ ...query, postAggregations })).toBe(
      '[{"timestamp":"1970-01-01T01:00:00.000Z","result":{"k":3,"e":2}}]',
    );
  });

  test.each([
    '1000/3000',
    '0000/3000',
    '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z',
  ])('intervals far beyond the data, %s, make no buckets there', async (intervals) => {
    const aggregations = [{ type: 'count', name: 'c' }];
    const query = { queryType: 'timeseries', granularity: 'day', aggregations, intervals };
    const days = (await answer(query)) as { timestamp: string }[];
    expect(days.map(({ timestamp }) => timestamp)).toEqual([
      '1970-01-01T00:00:00.000Z',
      '1970-01-02T00:00:00.000Z',
      '1970-01-03T00:00:00.000Z',
      '1970-01-04T00:00:00.000Z',
    ]);
  });
});
