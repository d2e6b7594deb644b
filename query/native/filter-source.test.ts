import { describe, expect, test } from 'vitest';
import { UnsupportedError, UserError } from '../../core/index.js';
import { ask } from '../fixture-testing.js';
import { parseNativeQuery } from './registry.js';

const PAGE_A = { type: 'selector', dimension: 'page', value: 'A' };
const FEW = { type: 'bound', dimension: 'x', upper: '2', ordering: 'numeric' };
const filtered = (base: unknown, filter: unknown) => ({ type: 'filter', base, filter });
const and = (...fields: unknown[]) => ({ type: 'and', fields });

const QUERIES = [
  { queryType: 'scan', columns: ['__time', 'page', 'x'] },
  {
    queryType: 'groupBy',
    granularity: 'all',
    dimensions: ['page'],
    aggregations: [{ type: 'count', name: 'rows' }],
  },
  { queryType: 'timeseries', granularity: 'day', aggregations: [{ type: 'count', name: 'rows' }] },
];

describe('a data source with a filter', () => {
  test.each(QUERIES)('$queryType: gives the rows that pass', async (query) => {
    const wanted = await ask({ ...query, filter: PAGE_A });
    expect(wanted).not.toEqual(await ask(query));
    expect(await ask({ ...query, dataSource: filtered('t', PAGE_A) })).toEqual(wanted);
  });

  test.each(QUERIES)('$queryType: has the conditions of the query besides', async (query) => {
    const wanted = await ask({ ...query, filter: and(PAGE_A, FEW) });
    expect(await ask({ ...query, filter: FEW, dataSource: filtered('t', PAGE_A) })).toEqual(wanted);
    const dataSource = filtered(filtered('t', PAGE_A), FEW);
    expect(await ask({ ...query, dataSource })).toEqual(wanted);
  });

  test('filters the rows of a query', async () => {
    const inner = {
      queryType: 'groupBy',
      dataSource: 't',
      intervals: '0000/3000',
      granularity: 'all',
      dimensions: ['page'],
      aggregations: [{ type: 'count', name: 'x' }],
    };
    const query = { queryType: 'scan', columns: ['page', 'x'] };
    const dataSource = { type: 'query', query: inner };
    expect(await ask({ ...query, dataSource: filtered(dataSource, PAGE_A) })).toEqual(
      await ask({ ...query, dataSource, filter: PAGE_A }),
    );
  });

  test.each(QUERIES)('$queryType: knows no virtual columns', async (query) => {
    const virtualColumns = [{ type: 'expression', name: 'x', expression: 'page' }];
    const asked = { ...query, columns: ['__time', 'page'] };
    const found = await ask({ ...asked, virtualColumns, dataSource: filtered('t', FEW) });
    expect(found).toEqual(await ask({ ...asked, filter: FEW }));
  });

  test('is read again from what the query says', () => {
    const json = { ...QUERIES[1], dataSource: filtered('t', PAGE_A) };
    const query = parseNativeQuery({ ...json, intervals: '2020/2021', filter: FEW });
    expect(query.dataSource).toEqual({ type: 'table', name: 't' });
    expect(query.filter!.spec).toEqual(and(PAGE_A, FEW));
    expect(parseNativeQuery(query.spec).filter!.spec).toEqual(query.filter!.spec);
  });
});

describe('refused, naming the field', () => {
  const refusal = (more: object): unknown => {
    try {
      parseNativeQuery({ ...QUERIES[0], intervals: '2020/2021', ...more });
      return null;
    } catch (error) {
      return error;
    }
  };
  const field = (error: unknown) => (error as UserError).field;

  test('a filter that is none, the one of the data source or that of the query', () => {
    const none = refusal({ dataSource: { type: 'filter', base: 't' } });
    expect(none).toBeInstanceOf(UserError);
    expect(field(none)).toBe('dataSource.filter');
    const odd = { type: 'odd' };
    expect(field(refusal({ dataSource: filtered('t', odd) }))).toMatch(/^dataSource\.filter/);
    expect(field(refusal({ dataSource: filtered('t', FEW), filter: odd }))).toMatch(/^filter/);
  });

  test('a base that is none', () => {
    expect(field(refusal({ dataSource: filtered(undefined, FEW) }))).toBe('dataSource');
  });

  test('what describes tables', async () => {
    const asked = ask({ queryType: 'segmentMetadata', dataSource: filtered('t', FEW) });
    await expect(asked).rejects.toThrow(UnsupportedError);
  });
});
