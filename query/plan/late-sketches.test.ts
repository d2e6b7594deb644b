import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { assertReaching } from '../../core/testing.js';
import { parseNativeQuery } from '../native/registry.js';
import { RANDOM_TABLE, randomRows } from '../random-queries-testing.js';
import { type TestRow, TestTables, testEngine } from '../testing.js';

const WHOLE = { dataSource: 't', intervals: '1970-01-01/1970-02-01', granularity: 'all' };

const COUNT = { type: 'count', name: 'c' };
const SUM = { type: 'longSum', name: 'sum', fieldName: 'n' };
const USERS = { type: 'cardinality', name: 'u', fields: ['m'] };
const SKETCH = { type: 'thetaSketch', name: 't', fieldName: 'm' };
const SOME = {
  type: 'filtered',
  filter: { type: 'selector', dimension: 'm', value: 'a' },
  aggregator: { type: 'HLLSketchBuild', name: 'h', fieldName: 'd' },
};
const POST = { type: 'fieldAccess', name: 'p', fieldName: 't' };

const default_ = (dimension: string, outputType = 'STRING') => ({
  type: 'default',
  dimension,
  outputName: `_${dimension}`,
  outputType,
});
const DIMENSIONS = [default_('s'), default_('n'), default_('n', 'LONG')];

/** The rows of the answer, and whether its rows were scanned twice. */
async function ask(query: JsonObject, tables: TestTables, lateSketchRows: number) {
  const parsed = parseNativeQuery({ ...WHOLE, ...query });
  const late = await testEngine(tables, { lateSketchRows }).run(parsed);
  const once = await testEngine(tables, { lateSketchRows: Infinity }).run(parsed);
  expect(tables.pinsHeld).toBe(0);
  expect(late.fields).toEqual(once.fields);
  expect(late.rows).toEqual(once.rows);
  return late.stats.rowsScanned > once.stats.rowsScanned;
}

const order = fc.record({
  dimension: fc.constantFrom('c', 'sum', '_s', '_n'),
  direction: fc.constantFrom('ascending', 'descending'),
});

const groupBy = fc
  .record({
    dimensions: fc.uniqueArray(fc.constantFrom(...DIMENSIONS), {
      minLength: 1,
      selector: ({ outputName }) => outputName,
    }),
    columns: fc.array(order, { maxLength: 2 }),
    limit: fc.integer({ min: 1, max: 4 }),
    offset: fc.nat(2),
    filter: fc.option(
      fc.constant({ type: 'range', column: 'd', lower: 0, matchValueType: 'LONG' }),
    ),
  })
  .map(({ dimensions, columns, limit, offset, filter }): JsonObject => {
    const names = new Set(['c', 'sum', ...dimensions.map(({ outputName }) => outputName)]);
    return {
      queryType: 'groupBy',
      dimensions,
      filter,
      aggregations: [COUNT, USERS, SUM, SKETCH, SOME],
      postAggregations: [POST],
      limitSpec: {
        type: 'default',
        limit,
        offset,
        columns: columns.filter(({ dimension }) => names.has(dimension)),
      },
    };
  });

const topN = fc
  .record({
    dimension: fc.constantFrom(...DIMENSIONS),
    threshold: fc.integer({ min: 1, max: 4 }),
    metric: fc.constantFrom('c', 'sum', { type: 'inverted', metric: 'c' }, { type: 'dimension' }),
  })
  .map((settings) => ({
    queryType: 'topN',
    ...settings,
    aggregations: [COUNT, SUM, USERS, SKETCH],
  }));

test('two scans give the answer of one', async () => {
  let late = 0;
  const queries = fc.oneof(groupBy, topN);
  await assertReaching(
    fc.asyncProperty(
      fc.array(randomRows, { minLength: 1, maxLength: 3 }),
      queries,
      async (parts, query) => {
        const tables = new TestTables().add(
          't',
          RANDOM_TABLE,
          parts.map((rows) => ({ rows })),
        );
        if (await ask(query, tables, 0)) late++;
        tables.close();
      },
    ),
    100,
    () => {
      expect(late).toBeGreaterThan(20);
    },
  );
});

const ROWS = Array.from(
  { length: 60 },
  (_, i): TestRow => ({
    __time: i,
    s: `s${i % 20}`,
    m: [`m${i}`, `m${i % 7}`],
    n: i % 30,
    d: i % 2,
  }),
);
const TABLES = new TestTables().addSealed('t', RANDOM_TABLE, [{ rows: ROWS }], 25);

const TOP = {
  queryType: 'topN',
  dimension: 's',
  threshold: 3,
  metric: 'c',
  aggregations: [COUNT, USERS],
};
const GROUPS = {
  queryType: 'groupBy',
  dimensions: ['s'],
  aggregations: [COUNT, USERS],
  limitSpec: { type: 'default', limit: 3, columns: ['c'] },
};

test.each<[string, JsonObject, boolean]>([
  ['topN by a count', TOP, true],
  ['groupBy in the order of a count', GROUPS, true],
  ['no sketch', { ...TOP, aggregations: [COUNT] }, false],
  ['the order of a sketch', { ...TOP, metric: 'u' }, false],
  ['the order of a sketch', { ...GROUPS, limitSpec: { limit: 3, columns: ['u'] } }, false],
  ['no limit', { ...GROUPS, limitSpec: { columns: ['c'] } }, false],
  [
    'a having filter',
    { ...GROUPS, having: { type: 'greaterThan', aggregation: 'u', value: 0 } },
    false,
  ],
  ['time buckets', { ...TOP, granularity: 'hour' }, false],
  ['lists', { ...TOP, dimension: 'm' }, false],
  ['doubles', { ...TOP, dimension: 'd' }, false],
  [
    'a virtual column',
    {
      ...TOP,
      virtualColumns: [
        { type: 'expression', name: 's', expression: 'upper(m)', outputType: 'STRING' },
      ],
    },
    false,
  ],
  ['few groups, as is known', { ...TOP, threshold: 12 }, false],
])('%s', async (_name, query, isLate) => {
  expect(await ask(query, TABLES, 0)).toBe(isLate);
  expect(await ask(query, TABLES, 100)).toBe(false);
});
