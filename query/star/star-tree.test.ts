import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { parseAggregator, parseGranularity, type Value } from '../../model/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { TestTables, testEngine } from '../testing.js';

const ROW_COUNT = 4000;
const HOUR = 3_600_000;

const ROWS = Array.from({ length: ROW_COUNT }, (_, i) => ({
  __time: Math.floor((i * 60 * HOUR) / ROW_COUNT) + (i % 977),
  s: i % 7 === 0 ? null : `s${(i * i) % 5}`,
  t: `t${(i * 31) % 3}`,
  l: i % 13 === 0 ? null : ((((i * 17) % 3) * 2 ** 40) as Value),
  u: `u${(i * 37) % 500}`,
  x: i % 5 === 0 ? null : (i * 29) % 3000,
  y: (i % 17) - 8,
}));
const TYPES = { s: 'STRING', t: 'STRING', l: 'LONG', u: 'STRING', x: 'LONG', y: 'LONG' } as const;

const NOT_NULL = { type: 'not', field: { type: 'null', column: 'x' } };
const METRICS = [
  { type: 'count', name: 'count' },
  { type: 'longSum', name: 'sum of x', fieldName: 'x' },
  { type: 'longMax', name: 'max of y', fieldName: 'y' },
  { type: 'hyperUnique', name: 'users', fieldName: 'u' },
  { type: 'thetaSketch', name: 'theta', fieldName: 'u' },
  { type: 'filtered', filter: NOT_NULL, aggregator: { type: 'count', name: 'counted' } },
].map((spec) => parseAggregator(spec, ''));
const dimension = (name: string, skipStar = false) => ({ name, skipStar });
const hours = { name: '__time', skipStar: false, granularity: parseGranularity('hour', '') };
const TREES = [
  {
    dimensions: [dimension('s'), dimension('t'), hours, dimension('l')],
    metrics: METRICS,
    maxLeafRecords: 100,
  },
  {
    dimensions: [dimension('t'), dimension('l', true)],
    metrics: METRICS.slice(0, 4),
    maxLeafRecords: 1,
  },
];
const tables = new TestTables().addSealed(
  't',
  { dimensions: TYPES, starTrees: TREES },
  [{ rows: ROWS }],
  ROW_COUNT / 2,
);
afterAll(() => tables.close());

const AGGREGATIONS = [
  { type: 'count', name: 'c' },
  { type: 'longSum', name: 'a', fieldName: 'x' },
  { type: 'longMax', name: 'b', fieldName: 'y' },
  { type: 'hyperUnique', name: 'd', fieldName: 'u' },
  { type: 'thetaSketch', name: 'e', fieldName: 'u' },
  { type: 'filtered', filter: NOT_NULL, aggregator: { type: 'count', name: 'f' } },
  {
    type: 'filtered',
    filter: { type: 'in', dimension: 't', values: ['t1', 't3'] },
    aggregator: { type: 'longSum', name: 'g', fieldName: 'x' },
  },
];
const equals = (column: string, matchValue: string | null) => ({
  type: 'selector',
  dimension: column,
  value: matchValue,
});
const condition = fc.oneof(
  fc.constantFrom('s1', 's4', 's9', 'none', null).map((value) => equals('s', value)),
  fc.constantFrom('t0', 't4').map((value) => equals('t', value)),
  fc.constant({ type: 'in', dimension: 's', values: ['s0', 's3', null] }),
  fc.constant({ type: 'like', dimension: 't', pattern: 't%' }),
  fc.constant({ type: 'bound', dimension: 'l', lower: '1099511627776', ordering: 'numeric' }),
  fc.constant({ type: 'null', column: 'l' }),
  fc.constant({ type: 'expression', expression: "concat(s, t) == 's1t1'" }),
);
const { filter } = fc.letrec((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    { weight: 3, arbitrary: condition },
    fc.record({
      type: fc.constantFrom('and', 'or'),
      fields: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ type: fc.constant('not'), field: tie('filter') }),
  ),
}));
const DIMENSIONS = [
  { type: 'default', dimension: 's', outputName: 'k1', outputType: 'STRING' },
  { type: 'default', dimension: 't', outputName: 'k2', outputType: 'STRING' },
  { type: 'default', dimension: 'l', outputName: 'k3', outputType: 'LONG' },
  { type: 'default', dimension: 'day', outputName: 'k4', outputType: 'LONG' },
  { type: 'default', dimension: 'st', outputName: 'k5', outputType: 'STRING' },
];
const shared = {
  dataSource: 't',
  intervals: fc.constantFrom('1970/1971', '1970-01-01/1970-01-03T12', '1970-01-02T07/1970-01-04'),
  granularity: fc.constantFrom('all', 'hour', 'day', { type: 'period', period: 'PT6H' }),
  virtualColumns: [
    {
      type: 'expression',
      name: 'day',
      expression: "timestamp_floor(__time, 'P1D')",
      outputType: 'LONG',
    },
    { type: 'expression', name: 'st', expression: "concat(s, '-', t)", outputType: 'STRING' },
  ],
  aggregations: fc.subarray(AGGREGATIONS, { minLength: 1 }),
  filter: fc.option(filter),
};
const constant = <T>(value: T) => (value instanceof fc.Arbitrary ? value : fc.constant(value));
const fields = Object.fromEntries(
  Object.entries(shared).map(([key, value]) => [key, constant(value)]),
);
const queries = fc.oneof(
  fc.record({ ...fields, queryType: fc.constant('timeseries') }),
  fc.record({
    ...fields,
    queryType: fc.constant('groupBy'),
    dimensions: fc.subarray(DIMENSIONS, { minLength: 1 }),
  }),
  fc.record({
    ...fields,
    queryType: fc.constant('topN'),
    dimension: fc.constantFrom(...DIMENSIONS),
    threshold: fc.constant(5),
    metric: fc.constant({ type: 'dimension', ordering: 'lexicographic' }),
  }),
);

test('a query has the same answer with trees and without', async () => {
  let records = 0;
  let rows = 0;
  const ask = async (query: object, useStarTree: boolean) => {
    const json = { ...query, context: { useStarTree } };
    const { rows, stats } = await testEngine(tables).run(parseNativeQuery(json));
    return { rows, scanned: stats.rowsScanned };
  };
  await fc.assert(
    fc.asyncProperty(queries, async (query) => {
      const [found, expected] = [await ask(query, true), await ask(query, false)];
      expect(found.rows).toEqual(expected.rows);
      if (found.scanned < expected.scanned) {
        records += found.scanned;
        rows += expected.scanned;
      }
    }),
    { numRuns: 400 },
  );
  console.log(`${records} records instead of ${rows} rows`);
  expect(records).toBeLessThan(rows / 2);
});
