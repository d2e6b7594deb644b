import { expect, test } from 'vitest';
import type { ValueType } from '../../model/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { partialQuestion } from './question.js';

const TYPES = new Map<string, ValueType>([
  ['a', 'STRING'],
  ['n', 'LONG'],
  ['m', 'STRING'],
]);
const READ = new Set(['a', 'n']);

const questionOf = (query: object, types = TYPES, read = READ): string | null =>
  partialQuestion(parseNativeQuery(query), types, read);

const SUM = { type: 'longSum', name: 'sum', fieldName: 'n' };
const GROUP_BY = {
  queryType: 'groupBy',
  dataSource: 't',
  intervals: '2000/2001',
  granularity: 'day',
  dimensions: ['a'],
  filter: { type: 'selector', dimension: 'a', value: 'x' },
  virtualColumns: [{ type: 'expression', name: 'v', expression: 'n + 1', outputType: 'LONG' }],
  aggregations: [SUM],
};
const SEARCH = {
  queryType: 'search',
  dataSource: 't',
  intervals: '2000/2001',
  searchDimensions: ['a'],
  query: { type: 'contains', value: 'x' },
};
const unnest = (name: string, filter: unknown = null) => ({
  type: 'unnest',
  base: { type: 'table', name: 't' },
  virtualColumn: { type: 'expression', name, expression: '"m"', outputType: 'STRING' },
  unnestFilter: filter,
});

test.each([
  { name: 'table', change: { dataSource: 'u' } },
  { name: 'union', change: { dataSource: { type: 'union', dataSources: ['t', 'u'] } } },
  { name: 'interval', change: { intervals: '2000/2002' } },
  { name: 'limit', change: { limitSpec: { type: 'default', limit: 5, columns: ['sum'] } } },
  { name: 'having', change: { having: { type: 'greaterThan', aggregation: 'sum', value: 1 } } },
  {
    name: 'post-aggregation',
    change: {
      postAggregations: [{ type: 'constant', name: 'one', value: 1 }],
    },
  },
  { name: 'id', change: { context: { queryId: 'mine', timeout: 5, priority: 3 } } },
])('another $name is the same question', ({ change }) => {
  expect(questionOf({ ...GROUP_BY, ...change })).toBe(questionOf(GROUP_BY));
});

test('a timeseries and a groupBy without dimensions are the same question', () => {
  const { dimensions: _, ...rest } = GROUP_BY;
  const timeseries = { ...rest, queryType: 'timeseries' };
  expect(questionOf(timeseries)).toBe(questionOf({ ...GROUP_BY, dimensions: [] }));
});

test.each([
  { name: 'granularity', change: { granularity: 'hour' } },
  { name: 'filter', change: { filter: { type: 'selector', dimension: 'a', value: 'y' } } },
  { name: 'lack of a filter', change: { filter: null } },
  { name: 'dimension', change: { dimensions: ['n'] } },
  {
    name: 'type of a dimension',
    change: { dimensions: [{ type: 'default', dimension: 'a', outputType: 'LONG' }] },
  },
  { name: 'aggregation', change: { aggregations: [{ ...SUM, type: 'longMax' }] } },
  {
    name: 'virtual column',
    change: { virtualColumns: [{ ...GROUP_BY.virtualColumns[0], expression: 'n + 2' }] },
  },
  {
    name: 'kind of query',
    change: { queryType: 'topN', dimension: 'a', threshold: 3, metric: 'sum' },
  },
  { name: 'rule for lists', change: { context: { groupByEnableMultiValueUnnesting: false } } },
  { name: 'expansion', change: { dataSource: unnest('e') } },
])('another $name is another question', ({ change }) => {
  expect(questionOf({ ...GROUP_BY, ...change })).not.toBeNull();
  expect(questionOf({ ...GROUP_BY, ...change })).not.toBe(questionOf(GROUP_BY));
});

test('expansions are told apart, at any depth', () => {
  const condition = { type: 'selector', dimension: 'e', value: 'x' };
  const sources = [
    unnest('e'),
    unnest('f'),
    unnest('e', condition),
    { ...unnest('f'), base: unnest('e') },
    { ...unnest('f'), base: unnest('e', condition) },
  ];
  const questions = sources.map((dataSource) => questionOf({ ...GROUP_BY, dataSource }));
  expect(new Set(questions).size).toBe(sources.length);
  const other = { ...unnest('e'), base: { type: 'table', name: 'u' } };
  expect(questionOf({ ...GROUP_BY, dataSource: other })).toBe(questions[0]);
});

test('the types of the columns that are read count, and no others', () => {
  const of = (name: string) => questionOf(GROUP_BY, new Map([...TYPES, [name, 'DOUBLE']]));
  expect(of('n')).not.toBe(questionOf(GROUP_BY));
  expect(of('m')).toBe(questionOf(GROUP_BY));
  expect(questionOf(GROUP_BY, TYPES, new Set(['n', 'a']))).toBe(questionOf(GROUP_BY));
});

test('searches differ by what they look for, and where', () => {
  const questions = [
    SEARCH,
    { ...SEARCH, searchDimensions: ['m'] },
    { ...SEARCH, query: { type: 'contains', value: 'y' } },
    { ...SEARCH, granularity: 'day' },
  ].map((query) => questionOf(query));
  expect(new Set(questions).size).toBe(4);
  expect(questionOf({ ...SEARCH, limit: 3, sort: 'strlen' })).toBe(questions[0]);
});

test.each([
  { name: 'rows', query: { ...GROUP_BY, queryType: 'scan', columns: ['a'] } },
  { name: 'an explained filter', query: { ...GROUP_BY, context: { explainFilter: true } } },
  { name: 'an explained star-tree', query: { ...GROUP_BY, context: { explainStarTree: true } } },
  {
    name: 'a random sample',
    query: { ...GROUP_BY, aggregations: [{ type: 'reservoirSample', name: 's', fieldName: 'n' }] },
  },
  {
    name: 'rows of another query',
    query: { ...GROUP_BY, dataSource: { type: 'query', query: GROUP_BY } },
  },
  {
    name: 'joined rows',
    query: {
      ...GROUP_BY,
      dataSource: {
        type: 'join',
        left: 't',
        right: { type: 'inline', columnNames: ['k'], columnTypes: ['STRING'], rows: [['x']] },
        rightPrefix: 'r.',
        condition: 'a == "r.k"',
        joinType: 'INNER',
      },
    },
  },
  {
    name: 'rows that the query gives',
    query: { ...GROUP_BY, dataSource: { type: 'inline', columnNames: ['n'], rows: [[1]] } },
  },
])('of $name nothing is kept', ({ query }) => {
  expect(questionOf(query)).toBeNull();
});
