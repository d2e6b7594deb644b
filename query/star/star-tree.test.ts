import { afterAll, expect, test } from 'vitest';
import { parseAggregator, parseGranularity, type Value } from '../../model/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { TestTables, testEngine } from '../testing.js';

const HOUR = 3_600_000;
const ROW_COUNT = 2000;

const ROWS = Array.from({ length: ROW_COUNT }, (_, i) => ({
  __time: Math.floor((i * 48 * HOUR) / ROW_COUNT) + 7,
  s: i % 7 === 0 ? null : `s${(i * i) % 5}`,
  t: `t${(i * 31) % 3}`,
  x: (i % 5 === 0 ? null : (i * 29) % 3000) as Value,
  q: ((i * 37) % 4001) / 8,
}));
const NOT_NULL = { type: 'not', field: { type: 'null', column: 'x' } };
const METRICS = [
  { type: 'count', name: 'm0' },
  { type: 'longSum', name: 'm1', fieldName: 'x' },
  { type: 'doubleSum', name: 'm2', fieldName: 'q' },
  { type: 'filtered', filter: NOT_NULL, aggregator: { type: 'count', name: 'm3' } },
  { type: 'quantilesDoublesSketch', name: 'm4', fieldName: 'q', k: 64 },
  { type: 'KllDoublesSketch', name: 'm5', fieldName: 'q' },
  { type: 'tDigestSketch', name: 'm6', fieldName: 'q' },
  { type: 'thetaSketch', name: 'm7', fieldName: 'q', size: 256 },
].map((spec) => parseAggregator(spec, ''));
const dimension = (name: string) => ({ name, skipStar: false });
const hours = { ...dimension('__time'), granularity: parseGranularity('hour', '') };
const starTrees = [
  { dimensions: [dimension('s'), dimension('t'), hours], metrics: METRICS, maxLeafRecords: 10 },
];
const dimensions = { s: 'STRING', t: 'STRING', x: 'LONG', q: 'DOUBLE' } as const;
const tables = new TestTables().addSealed('t', { dimensions, starTrees }, [{ rows: ROWS }], 1000);
afterAll(() => tables.close());

async function ask(query: object, useStarTree = true) {
  const json = { dataSource: 't', granularity: 'all', intervals: '1970/1971', ...query };
  const { rows, stats } = await testEngine(tables).run(
    parseNativeQuery({ ...json, context: { useStarTree, skipIndexes: true } }),
  );
  return { rows, scanned: stats.rowsScanned };
}

const COUNT = { type: 'count', name: 'a' };
const among = (filter: object, aggregator: object) => ({ type: 'filtered', filter, aggregator });
const T1 = { type: 'selector', dimension: 't', value: 't1' };
const timeseries = (aggregation: object, rest: object = {}) => ({
  queryType: 'timeseries',
  aggregations: [aggregation],
  ...rest,
});

test.each([
  {
    name: 'a mean of a column with nulls',
    query: timeseries({ type: 'doubleMean', name: 'a', fieldName: 'x' }),
  },
  {
    name: 'a mean of one without',
    query: timeseries({ type: 'doubleMean', name: 'a', fieldName: 'q' }),
  },
  {
    name: 'a count of what is not null, as a selector says it',
    query: timeseries(
      among({ type: 'not', field: { type: 'selector', dimension: 'x', value: null } }, COUNT),
    ),
  },
  {
    name: 'the same among others',
    query: timeseries(among({ type: 'and', fields: [T1, NOT_NULL] }, COUNT)),
  },
  {
    name: 'a count of no rows, which is 0',
    query: timeseries(among({ ...T1, value: 'none' }, COUNT)),
  },
  {
    name: 'a smaller theta sketch than was built',
    query: timeseries({ type: 'thetaSketch', name: 'a', fieldName: 'q', size: 32 }),
  },
  {
    name: 'a filter of a virtual column over a dimension',
    query: timeseries(COUNT, {
      virtualColumns: [
        { type: 'expression', name: 'up', expression: 'upper(s)', outputType: 'STRING' },
      ],
      filter: { type: 'selector', dimension: 'up', value: 'S1' },
    }),
  },
  {
    name: 'an interval that begins with an hour, shown from its first row on',
    query: timeseries(COUNT, { intervals: '1970-01-01T05/1971' }),
  },
  {
    name: 'two intervals in one segment, filled with zeros',
    query: timeseries(COUNT, {
      granularity: 'hour',
      intervals: ['1970-01-01T03/1970-01-01T05', '1970-01-01T07/1970-01-02T02'],
      filter: { type: 'selector', dimension: 's', value: 's9' },
    }),
  },
])('$name', async ({ query }) => {
  const [found, expected] = [await ask(query), await ask(query, false)];
  expect(found.rows).toEqual(expected.rows);
  expect(found.scanned).toBeLessThan(expected.scanned / 3);
});

test.each([
  {
    name: 'an interval that begins within an hour',
    query: timeseries(COUNT, { intervals: '1970-01-01T00:30/1970-01-01T06' }),
  },
  {
    name: 'a larger theta sketch',
    query: timeseries({ type: 'thetaSketch', name: 'a', fieldName: 'q', size: 512 }),
  },
  { name: 'a column that is no dimension', query: timeseries(COUNT, { filter: NOT_NULL }) },
  {
    name: 'a virtual column that hides one',
    query: timeseries(COUNT, {
      virtualColumns: [{ type: 'expression', name: 't', expression: 'x', outputType: 'LONG' }],
      filter: T1,
    }),
  },
])('rows answer where a tree cannot: $name', async ({ query }) => {
  const [found, expected] = [await ask(query), await ask(query, false)];
  expect(found).toEqual(expected);
});

/** How far the rank of a quantile may be from what was asked for: several times what the sketches promise. */
const MAX_RANK_ERROR = {
  quantilesDoublesSketch: 0.08,
  KllDoublesSketch: 0.05,
  tDigestSketch: 0.03,
};

test.each([
  ['quantilesDoublesSketch', { k: 64 }, 'quantilesDoublesSketchToQuantile'],
  ['KllDoublesSketch', {}, 'KllDoublesSketchToQuantile'],
  ['tDigestSketch', {}, 'quantileFromTDigestSketch'],
] as const)(
  'quantiles of records and of rows are both near: %s',
  async (type, settings, quantileOf) => {
    const fractions = [0.05, 0.5, 0.9];
    const query = {
      queryType: 'groupBy',
      dimensions: [{ type: 'default', dimension: 't', outputName: 'k' }],
      aggregations: [{ type, name: 'a', fieldName: 'q', ...settings }],
      postAggregations: fractions.map((fraction) => ({
        type: quantileOf,
        name: `p${fraction}`,
        field: { type: 'fieldAccess', fieldName: 'a' },
        fraction,
      })),
    };
    const found = await ask(query);
    expect(found.scanned).toBeLessThan(ROW_COUNT / 3);
    for (const row of [...found.rows, ...(await ask(query, false)).rows]) {
      const values = ROWS.filter(({ t }) => t === row[1]).map(({ q }) => q);
      for (const [i, fraction] of fractions.entries()) {
        const quantile = row.at(i - fractions.length) as number;
        const rank = values.filter((value) => value <= quantile).length / values.length;
        expect(Math.abs(rank - fraction), `${row[1]} ${fraction}`).toBeLessThan(
          MAX_RANK_ERROR[type],
        );
      }
    }
  },
);
