import { afterAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { parseAggregator, parseGranularity } from '../../model/index.js';
import { scanEngineOf } from '../engines/registry.js';
import { parseNativeQuery } from '../native/registry.js';
import type { TypesOf } from '../plan/column-facts.js';
import { type TestTable, TestTables, testEngine } from '../testing.js';
import { plannerOf } from './known-planners.js';

const TYPES: TypesOf = new Map([['x', 'LONG']]);

function planner(json: JsonObject, types = TYPES) {
  const query = parseNativeQuery(json);
  return plannerOf(query, scanEngineOf(query)!.groups(query)!, types);
}

const QUERY: JsonObject = {
  queryType: 'groupBy',
  dataSource: 't',
  intervals: '1970/1971',
  granularity: 'all',
  dimensions: ['s'],
  filter: { type: 'equals', column: 'v', matchValueType: 'DOUBLE', matchValue: 1 },
  virtualColumns: [{ type: 'expression', name: 'v', expression: 'x + 1', outputType: 'DOUBLE' }],
  aggregations: [{ type: 'longSum', name: 'a', fieldName: 'x' }],
};
const equals = (matchValue: unknown) => ({ ...(QUERY.filter as JsonObject), matchValue });

describe('a planner', () => {
  test.each([
    { name: 'of another time', other: { intervals: '2020/2021' } },
    { name: 'of another table', other: { dataSource: 'u' } },
    { name: 'under another name', other: { context: { queryId: 'q' } } },
    { name: 'of fewer groups', other: { limitSpec: { type: 'default', limit: 3 } } },
  ])('is the same for a query $name', ({ other }) => {
    expect(planner({ ...QUERY, ...other })).toBe(planner(QUERY));
  });

  test.each([
    { name: 'with another value', other: { filter: equals(2) } },
    { name: 'with null', other: { filter: { type: 'null', column: 'v' } } },
    { name: 'without a filter', other: { filter: null } },
    { name: 'of another granularity', other: { granularity: 'day' } },
    { name: 'by another dimension', other: { dimensions: ['x'] } },
    {
      name: 'of another aggregate',
      other: { aggregations: [{ type: 'longMax', name: 'a', fieldName: 'x' }] },
    },
    {
      name: 'under another output',
      other: { aggregations: [{ type: 'longSum', name: 'b', fieldName: 'x' }] },
    },
    {
      name: 'of another expression',
      other: {
        virtualColumns: [
          { type: 'expression', name: 'v', expression: 'x + 2', outputType: 'DOUBLE' },
        ],
      },
    },
  ])('is another one for a query $name', ({ other }) => {
    const json = { ...QUERY, ...other };
    expect(planner(json)).not.toBe(planner(QUERY));
    expect(planner(json)).toBe(planner(json));
  });

  test('is another one where columns are of other types', () => {
    expect(planner(QUERY, new Map([['x', 'DOUBLE']]))).not.toBe(planner(QUERY));
  });

  test('is forgotten when many others came, and not kept of a long question', () => {
    const before = planner(QUERY);
    for (let i = 0; i < 300; i++) planner({ ...QUERY, filter: equals(1000 + i) });
    expect(planner(QUERY)).not.toBe(before);
    const values = Array.from({ length: 5000 }, (_, i) => `value ${i}`);
    const long = { ...QUERY, filter: { type: 'in', dimension: 's', values } };
    expect(planner(long)).not.toBe(planner(long));
  });
});

const HOUR = 3_600_000;
const ROWS = Array.from({ length: 480 }, (_, i) => ({
  __time: (i * HOUR) / 10,
  s: `s${i % 4}`,
  x: i,
}));
const TABLE: TestTable = {
  dimensions: { s: 'STRING', x: 'LONG' },
  starTrees: [['s', 'hour'] as const, ['s', 'day'] as const].map(([name, grain]) => ({
    dimensions: [
      { name, skipStar: false },
      { name: '__time', skipStar: false, granularity: parseGranularity(grain, '') },
    ],
    metrics: [parseAggregator({ type: 'longSum', name: 'm', fieldName: 'x' }, '')],
    maxLeafRecords: 2,
  })),
};
/** Each day has a segment, and values that others do not have. */
const DAYS = [0, 1].map((day) =>
  ROWS.slice(240 * day, 240 * (day + 1)).map((row, i) => ({
    ...row,
    s: i % 5 === 0 ? null : `s${(i % 5) + 2 * day}`,
  })),
);
const tables = new TestTables()
  .addSealed('t', TABLE, [{ rows: ROWS }], 1000)
  .addSealed('days', TABLE, [{ rows: DAYS[0]! }], 1000)
  .addSealed('days', TABLE, [{ rows: DAYS[1]! }], 1000);
afterAll(() => tables.close());

test('one question of one time after another gives the answers of rows, by the tree that fits the time', async () => {
  const ask = async (intervals: string, useStarTree: boolean) => {
    const { rows, stats } = await testEngine(tables).run(
      parseNativeQuery({
        ...QUERY,
        intervals,
        filter: { type: 'in', dimension: 's', values: ['s1', 's2'] },
        virtualColumns: [],
        context: { useStarTree },
      }),
    );
    return { rows, stats };
  };
  const times = [
    { intervals: '1970/1971', trees: 1 },
    { intervals: '1970-01-01T05:00Z/1970-01-02T07:00Z', trees: 1 },
    { intervals: '1970-01-02/1970-01-03', trees: 1 },
    { intervals: '1970-01-01T05:30Z/1970-01-02T07:00Z', trees: 0 },
    { intervals: '1970/1971', trees: 1 },
  ];
  for (const { intervals, trees } of times) {
    const byTree = await ask(intervals, true);
    expect(byTree.stats.treeSegments).toBe(trees);
    expect(byTree.rows).toEqual((await ask(intervals, false)).rows);
    expect(byTree.rows).toHaveLength(2);
  }
});

test('one question of one time after another gives the answers of rows, whatever the trees of several segments remember', async () => {
  const ask = async (intervals: string, other: JsonObject, useStarTree: boolean) => {
    const json = { ...QUERY, dataSource: 'days', intervals, filter: null, virtualColumns: [] };
    const { rows, stats } = await testEngine(tables).run(
      parseNativeQuery({ ...json, ...other, context: { useStarTree } }),
    );
    return { rows, trees: stats.treeSegments };
  };
  const whole = { intervals: '1970/1971', trees: 2 };
  const first = { intervals: '1970-01-01/1970-01-02', trees: 1 };
  const cut = { intervals: '1970-01-01T05:00Z/1970-01-02T07:00Z', trees: 2 };
  const second = { intervals: '1970-01-02T01:00Z/1970-01-02T03:00Z', trees: 1 };
  const filter = { type: 'in', dimension: 's', values: ['s3', 's4', null] };
  for (const other of [{}, { filter }, { granularity: 'hour' }, { granularity: 'hour', filter }]) {
    for (const { intervals, trees } of [whole, first, whole, cut, second, cut, first, whole]) {
      const byTree = await ask(intervals, other, true);
      expect(byTree.trees).toBe(trees);
      expect(byTree.rows).toEqual((await ask(intervals, other, false)).rows);
    }
  }
});
