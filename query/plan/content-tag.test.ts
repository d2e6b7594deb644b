import { expect, test } from 'vitest';
import { ETERNITY, type Interval } from '../../model/index.js';
import type { ColumnSchema } from '../engines/engine.js';
import { parseNativeQuery } from '../native/registry.js';
import type { TablePart, TableSnapshot } from '../tables.js';
import { contentTag } from './content-tag.js';

interface Part {
  /** Null: not published. */
  readonly contentId: string | null;
  readonly interval?: Interval;
}

const COLUMNS: readonly ColumnSchema[] = [
  { name: '__time', type: 'LONG', multiValue: false, role: 'time' },
  { name: 'n', type: 'LONG', multiValue: false, role: 'dimension' },
];

/** Tables of which nothing can be read: what is told of a query must not need it. */
function snapshotOf(
  tables: Readonly<Record<string, readonly Part[]>>,
  columns: readonly ColumnSchema[] = COLUMNS,
): TableSnapshot {
  const part = ({ contentId, interval = ETERNITY }: Part, i: number): TablePart => ({
    id: { dataSource: 't', interval, version: 'v1', partitionNum: i },
    interval,
    minTimeMs: 0,
    maxTimeMs: 1,
    rowCount: 1,
    facts: null,
    ...(contentId !== null && { contentId }),
    pin: () => Promise.reject(new Error('nothing is read')),
  });
  return {
    parts: (name) => (tables[name] ?? []).map(part),
    schema: (name) => (name in tables ? { columns } : null),
    release: () => undefined,
  };
}

const COUNT = {
  queryType: 'timeseries',
  dataSource: 't',
  intervals: '2000/2001',
  granularity: 'all',
  aggregations: [{ type: 'count', name: 'rows' }],
};
const NESTED = { ...COUNT, dataSource: { type: 'query', query: COUNT } };
const UNION = { ...COUNT, dataSource: { type: 'union', dataSources: ['t', 'u'] } };
const BOTH = { t: [{ contentId: 'a' }, { contentId: 'b' }], u: [{ contentId: 'c' }] };
const ONE = { startMs: 0, endMs: 1 };

const tagOf = (query: Record<string, unknown>, snapshot = snapshotOf(BOTH)): string | null =>
  contentTag(parseNativeQuery(query), snapshot);

test('the same query of the same parts has the same tag', () => {
  for (const query of [COUNT, NESTED, UNION]) {
    expect(tagOf(query)).toMatch(/^[0-9a-f]{32}$/);
    expect(tagOf(query, snapshotOf(BOTH))).toBe(tagOf(query));
  }
});

test.each([
  { name: 'a part less', tables: { ...BOTH, t: [{ contentId: 'a' }] } },
  { name: 'a part more', tables: { ...BOTH, t: [...BOTH.t, { contentId: 'd' }] } },
  { name: 'another part', tables: { ...BOTH, t: [{ contentId: 'a' }, { contentId: 'd' }] } },
  { name: 'another order', tables: { ...BOTH, t: [{ contentId: 'b' }, { contentId: 'a' }] } },
  {
    name: 'a part that counts less',
    tables: { ...BOTH, t: [BOTH.t[0]!, { contentId: 'b', interval: ONE }] },
  },
  { name: 'no parts', tables: { ...BOTH, t: [] } },
  { name: 'no table', tables: { u: BOTH.u } },
])('$name is another tag', ({ tables }) => {
  const tags = [COUNT, NESTED, UNION].map((query) => tagOf(query, snapshotOf(tables)));
  for (const [i, query] of [COUNT, NESTED, UNION].entries()) {
    expect(tags[i]).not.toBeNull();
    expect(tags[i]).not.toBe(tagOf(query));
  }
});

test('parts of tables that are not read do not count', () => {
  const tables = { ...BOTH, u: [{ contentId: null }] };
  expect(tagOf(COUNT, snapshotOf(tables))).toBe(tagOf(COUNT));
  expect(tagOf(UNION, snapshotOf(tables))).toBeNull();
});

test('a column of another type is another tag', () => {
  const wider = COLUMNS.map((column) => ({ ...column, type: 'DOUBLE' as const }));
  expect(tagOf(COUNT, snapshotOf(BOTH, wider))).not.toBe(tagOf(COUNT));
});

test.each([
  { name: 'filter', change: { filter: { type: 'selector', dimension: 'n', value: '1' } } },
  { name: 'intervals', change: { intervals: '2000/2002' } },
  { name: 'context', change: { context: { skipEmptyBuckets: true } } },
  { name: 'unknown context', change: { context: { mine: 1 } } },
  {
    name: 'rows of its own',
    change: { dataSource: { type: 'inline', columnNames: ['n'], rows: [[1]] } },
  },
])('another $name is another tag', ({ change }) => {
  expect(tagOf({ ...COUNT, ...change })).not.toBeNull();
  expect(tagOf({ ...COUNT, ...change })).not.toBe(tagOf(COUNT));
  const inner = { ...NESTED, dataSource: { type: 'query', query: { ...COUNT, ...change } } };
  expect(tagOf(inner)).not.toBe(tagOf(NESTED));
});

test('who asks, and how long it may take, does not count', () => {
  const context = { queryId: 'mine', timeout: 1000, priority: 3, useCache: false };
  expect(tagOf({ ...COUNT, context })).toBe(tagOf(COUNT));
});

const SAMPLE = { type: 'reservoirSample', name: 's', fieldName: 'n' };

test.each([
  { name: 'a random sample', change: { aggregations: [SAMPLE] } },
  {
    name: 'a filtered one',
    change: {
      aggregations: [{ type: 'filtered', filter: { type: 'true' }, aggregator: SAMPLE }],
    },
  },
  { name: 'an explained filter', change: { context: { explainFilter: true } } },
  { name: 'an explained star-tree', change: { context: { explainStarTree: true } } },
])('$name has no tag, at any depth', ({ change }) => {
  const inner = { ...COUNT, ...change };
  expect(tagOf(inner)).toBeNull();
  expect(tagOf({ ...COUNT, dataSource: { type: 'query', query: inner } })).toBeNull();
});

test('rows that are not published have no tag, at any depth', () => {
  const live = snapshotOf({ t: [{ contentId: 'a' }, { contentId: null }] });
  for (const query of [COUNT, NESTED, UNION]) expect(tagOf(query, live)).toBeNull();
});
