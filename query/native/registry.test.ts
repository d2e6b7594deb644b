import { describe, expect, test } from 'vitest';
import { UnsupportedError, UserError } from '../../core/index.js';
import { parseNativeQuery } from './registry.js';

const BASE = { dataSource: 't', intervals: '2020/2021', granularity: 'all' };
const COUNT = { type: 'count', name: 'n' };

function failure(query: Record<string, unknown>): unknown {
  try {
    parseNativeQuery({ ...BASE, ...query });
  } catch (error) {
    return error;
  }
  throw new Error('was accepted');
}

const TOP = { queryType: 'topN', dimension: 'd', threshold: 5, metric: 'n', aggregations: [COUNT] };
const GROUP = { queryType: 'groupBy', dimensions: ['d'], aggregations: [COUNT] };

describe('refused, naming the field', () => {
  test.each([
    { query: {}, field: 'queryType' },
    { query: { queryType: 'nope' }, field: 'queryType' },
    { query: { queryType: 'timeseries', granularity: null }, field: 'granularity' },
    { query: { queryType: 'timeseries', intervals: undefined }, field: 'intervals' },
    { query: { queryType: 'timeseries', limit: -1 }, field: 'limit' },
    { query: { queryType: 'timeseries', descending: 'maybe' }, field: 'descending' },
    { query: { queryType: 'timeseries', dataSource: 3 }, field: 'dataSource' },
    { query: { queryType: 'timeseries', dataSource: { type: 'x' } }, field: 'dataSource.type' },
    { query: { ...TOP, threshold: 0 }, field: 'threshold' },
    { query: { ...TOP, metric: 'other' }, field: 'metric' },
    { query: { ...TOP, metric: { type: 'odd' } }, field: 'metric.type' },
    { query: { ...TOP, dimension: 'n' }, field: 'query' },
    { query: { ...TOP, dimension: '__time' }, field: 'query' },
    { query: { ...GROUP, dimensions: ['__time'] }, field: 'query' },
    {
      query: { queryType: 'timeseries', aggregations: [{ type: 'count', name: '__time' }] },
      field: 'query',
    },
    { query: { ...GROUP, subtotalsSpec: [['x']] }, field: 'subtotalsSpec[0]' },
    {
      query: {
        ...GROUP,
        postAggregations: [
          { type: 'fieldAccess', name: 'a', fieldName: 'd' },
          { type: 'expression', name: 'b', expression: 'n + x' },
        ],
      },
      field: 'postAggregations[1]',
    },
    { query: { ...GROUP, limitSpec: { limit: 0 } }, field: 'limitSpec.limit' },
    { query: { ...GROUP, limitSpec: { columns: ['x'] } }, field: 'limitSpec.columns[0]' },
    {
      query: { ...GROUP, limitSpec: { columns: [{ dimension: 'd', direction: 'up' }] } },
      field: 'limitSpec.columns[0].direction',
    },
    { query: { queryType: 'scan', batchSize: -1 }, field: 'batchSize' },
    { query: { queryType: 'scan', order: 'sideways' }, field: 'order' },
    { query: { queryType: 'scan', order: 'ascending', columns: ['d'] }, field: 'columns' },
    { query: { queryType: 'scan', orderBy: 'd' }, field: 'orderBy' },
    { query: { queryType: 'scan', orderBy: ['d'] }, field: 'orderBy[0]' },
    {
      query: { queryType: 'scan', orderBy: [{ order: 'ascending' }] },
      field: 'orderBy[0].columnName',
    },
    {
      query: { queryType: 'scan', orderBy: [{ columnName: 'd', nulls: 'up' }] },
      field: 'orderBy[0].nulls',
    },
    {
      query: { queryType: 'scan', order: 'ascending', orderBy: [{ columnName: 'd' }] },
      field: 'orderBy',
    },
    { query: { queryType: 'segmentMetadata', analysisTypes: ['x'] }, field: 'analysisTypes[0]' },
    { query: { queryType: 'timeBoundary', bound: 'middle' }, field: 'bound' },
    {
      query: {
        ...GROUP,
        dataSource: { type: 'query', query: { ...BASE, queryType: 'scan', batchSize: 'x' } },
      },
      field: 'dataSource.query.batchSize',
    },
    {
      query: { ...GROUP, dataSource: { type: 'inline', columnNames: ['a'], rows: [[1, 2]] } },
      field: 'dataSource.rows[0]',
    },
  ])('$field', ({ query, field }) => {
    const error = failure(query);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ kind: 'query', field });
  });
});

test.each(['external'])('a %s data source', (type) => {
  const error = failure({ ...GROUP, dataSource: { type } });
  expect(error).toBeInstanceOf(UnsupportedError);
  expect(String(error)).toContain(`"${type}"`);
});

test.each([
  { key: 'timeout', value: 'soon' },
  { key: 'timeout', value: -1 },
  { key: 'timeout', value: 1.5 },
  { key: 'skipEmptyBuckets', value: 1 },
  { key: 'finalize', value: 'yes' },
  { key: 'priority', value: {} },
  { key: 'queryId', value: 7 },
  { key: 'useCache', value: 'perhaps' },
  { key: 'maxSubqueryBytes', value: 'much' },
])('context.$key = $value', ({ key, value }) => {
  const error = failure({ ...GROUP, context: { [key]: value } });
  expect(error).toMatchObject({ kind: 'context', field: `context.${key}` });
});

test('context values may be texts', () => {
  const { context } = parseNativeQuery({
    ...BASE,
    ...GROUP,
    context: {
      timeout: '12.00',
      priority: '-3',
      finalize: 'FALSE',
      sortByDimsFirst: 'true',
      maxSubqueryBytes: '10MiB',
      unknown: { kept: true },
    },
  });
  expect(context).toMatchObject({
    timeoutMs: 12,
    priority: -3,
    finalize: false,
    sortByDimsFirst: true,
    grandTotal: false,
  });
  expect(context.all.unknown).toEqual({ kept: true });
});

test('booleans and integers may be texts, and unknown properties are ignored', () => {
  const query = parseNativeQuery({
    ...BASE,
    queryType: 'timeseries',
    descending: 'true',
    limit: '3',
    someday: 1,
  });
  expect(query).toMatchObject({ descending: true, limit: 3 });
});

test('a limit beyond 2^53 is no limit', () => {
  const query = parseNativeQuery({ ...BASE, queryType: 'scan', limit: 9223372036854775807n });
  expect(query).toMatchObject({ limit: Number.MAX_SAFE_INTEGER });
});

test.each([
  { json: { order: 'descending' }, name: '__time', descending: true, nullsFirst: false },
  {
    json: { orderBy: [], order: 'ascending' },
    name: '__time',
    descending: false,
    nullsFirst: true,
  },
  { json: { orderBy: [{ columnName: 'd' }] }, name: 'd', descending: false, nullsFirst: true },
  {
    json: { orderBy: [{ columnName: 'd', order: 'DESCENDING', nulls: 'first' }] },
    name: 'd',
    descending: true,
    nullsFirst: true,
  },
  {
    json: { order: 'descending', orderBy: [{ columnName: '__time', order: 'descending' }] },
    name: '__time',
    descending: true,
    nullsFirst: false,
  },
])('a scan ordered by $json', ({ json, ...key }) => {
  expect(parseNativeQuery({ ...BASE, queryType: 'scan', ...json })).toMatchObject({
    orderBy: [key],
  });
});

test('inline columns without a type take that of their values', () => {
  const query = parseNativeQuery({
    ...BASE,
    ...GROUP,
    dataSource: {
      type: 'inline',
      columnNames: ['l', 'd', 's', 'm', 'none'],
      rows: [
        [1, 1.5, 'x', ['a', 'b'], null],
        [9223372036854775807n, 2, null, ['c'], null],
      ],
    },
  });
  expect(query.dataSource).toMatchObject({
    fields: [
      { name: 'l', type: 'LONG' },
      { name: 'd', type: 'DOUBLE' },
      { name: 's', type: 'STRING' },
      { name: 'm', type: 'STRING' },
      { name: 'none', type: 'STRING' },
    ],
    rows: [
      [1, 1.5, 'x', ['a', 'b'], null],
      [9223372036854775807n, 2, null, 'c', null],
    ],
  });
});
