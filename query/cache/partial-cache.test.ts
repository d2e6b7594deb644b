import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { type TestRow, TestTables, testEngine } from '../testing.js';
import { queryCaches } from './query-caches.js';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2024, 0, 1);

/** Rows of a day, about equally many of each of some texts; a number that is no integer in every other. */
const rowsOf = (day: number, count = 60): TestRow[] =>
  Array.from({ length: count }, (_, i) => ({
    __time: START_MS + day * DAY_MS + i * 1000,
    a: `text ${i % 7}`,
    m: [`x${i % 3}`, `y${i % 5}`],
    n: i % 11,
    d: (day * 31 + i) / 10,
  }));

const TABLE = { dimensions: { a: 'STRING', m: 'STRING', n: 'LONG', d: 'DOUBLE' } } as const;

const sealedDays = (tables: TestTables, from: number, to: number): TestTables => {
  for (let day = from; day < to; day++) tables.addSealed('t', TABLE, [{ rows: rowsOf(day) }], 1000);
  return tables;
};

const SIZES = { partialBytes: 1 << 20, resultBytes: 0, maxEntryBytes: 1 << 18 };

/** An engine that keeps partials alone; small segments too. */
function world(rowsPerJob = 1000, sizes = SIZES) {
  const tables = sealedDays(new TestTables(), 0, 4);
  const caches = queryCaches(sizes, 0);
  const engines = {
    keeping: testEngine(tables, { caches, rowsPerJob }),
    plain: testEngine(tables, { rowsPerJob }),
  };
  const run = (query: object, which: keyof typeof engines = 'keeping') =>
    engines[which].run(parseNativeQuery({ ...QUERY, ...query }));
  /** How many segments were known, and how many were read; the answer is as it is without a cache. */
  const asked = async (query: object = {}) => {
    const { rows, stats } = await run(query);
    expect(rows).toEqual((await run(query, 'plain')).rows);
    expect(tables.pinsHeld).toBe(0);
    return [stats.cachedSegments, stats.segments];
  };
  return { tables, caches, asked, run };
}

const QUERY: JsonObject = {
  queryType: 'groupBy',
  dataSource: 't',
  intervals: '2024-01-01/2024-01-04',
  granularity: 'day',
  dimensions: ['a'],
  aggregations: [
    { type: 'count', name: 'rows' },
    { type: 'doubleSum', name: 'sum', fieldName: 'd' },
  ],
};

test('what is asked again is kept, and known from then on', async () => {
  const { asked, caches } = world();
  expect(await asked()).toEqual([0, 3]);
  expect(await asked()).toEqual([0, 3]);
  expect(caches.partials!.counts).toMatchObject({ hits: 0, misses: 6, entries: 3 });
  expect(await asked()).toEqual([3, 0]);
  expect(caches.partials!.counts).toMatchObject({ hits: 3, misses: 6, entries: 3 });
});

test('of another time new segments alone are read, and those that are cut otherwise', async () => {
  const { asked } = world();
  for (let i = 0; i < 3; i++) await asked();
  expect(await asked({ intervals: '2024-01-02/2024-01-05' })).toEqual([2, 1]);
  expect(await asked({ intervals: ['2023/2024', '2024-01-02/2024-01-05'] })).toEqual([3, 0]);
  const cut = { intervals: '2024-01-01T00:00:10/2024-01-03' };
  expect(await asked(cut)).toEqual([1, 1]);
  expect(await asked(cut)).toEqual([2, 0]);
  // The same rows, cut elsewhere between two of them.
  expect(await asked({ intervals: '2024-01-01T00:00:10/2024-01-02T12' })).toEqual([2, 0]);
  expect(await asked({ intervals: '2024-01-01T00:00:11/2024-01-03' })).toEqual([1, 1]);
});

test('limits, orders and post-aggregations are of no account', async () => {
  const { asked } = world();
  for (let i = 0; i < 2; i++) await asked();
  const limitSpec = { type: 'default', limit: 3, columns: ['sum'] };
  expect(await asked({ limitSpec })).toEqual([3, 0]);
  const having = { type: 'greaterThan', aggregation: 'sum', value: 30 };
  expect(await asked({ having })).toEqual([3, 0]);
});

test.each([
  { name: 'useCache', context: { useCache: false }, again: [0, 3], entries: 3 },
  { name: 'populateCache', context: { populateCache: false }, again: [0, 3], entries: 0 },
  {
    name: 'both',
    context: { useCache: 'false', populateCache: 'false' },
    again: [0, 3],
    entries: 0,
  },
])('$name: false', async ({ context, again, entries }) => {
  const { asked, caches } = world();
  for (let i = 0; i < 3; i++) expect(await asked({ context })).toEqual(again);
  expect(caches.partials!.counts.entries).toBe(entries);
});

test('of rows that are not published, and of rows as they are, nothing is kept', async () => {
  const { tables, asked, caches } = world();
  tables.add('live', TABLE, [{ rows: rowsOf(0) }]);
  for (let i = 0; i < 3; i++) expect(await asked({ dataSource: 'live' })).toEqual([0, 1]);
  for (let i = 0; i < 3; i++) expect(await asked({ queryType: 'scan' })).toEqual([0, 3]);
  expect(caches.partials!.counts.entries).toBe(0);
  const dataSource = { type: 'union', dataSources: ['t', 'live'] };
  for (let i = 0; i < 2; i++) await asked({ dataSource });
  expect(await asked({ dataSource })).toEqual([3, 1]);
});

test('a union that names a table twice', async () => {
  const { asked } = world();
  const dataSource = { type: 'union', dataSources: ['t', 't'] };
  const aggregations = [{ type: 'longSum', name: 'sum', fieldName: 'n' }];
  for (let i = 0; i < 4; i++) await asked({ dataSource, aggregations });
  for (let i = 0; i < 3; i++) await asked({ aggregations });
  for (let i = 0; i < 2; i++) expect(await asked({ dataSource, aggregations })).toEqual([6, 0]);
});

test('inner queries, and rows that are unnested', async () => {
  const { asked } = world();
  const aggregations = [{ type: 'longMax', name: 'most', fieldName: 'rows' }];
  const dataSource = { type: 'query', query: QUERY };
  const outer = { queryType: 'timeseries', granularity: 'all', dataSource, aggregations };
  for (let i = 0; i < 2; i++) await asked(outer);
  expect(await asked(outer)).toEqual([3, 0]);
  const virtualColumn = { type: 'expression', name: 'e', expression: '"m"', outputType: 'STRING' };
  const unnested = { type: 'unnest', base: { type: 'table', name: 't' }, virtualColumn };
  for (let i = 0; i < 2; i++) await asked({ dataSource: unnested, dimensions: ['e'] });
  expect(await asked({ dataSource: unnested, dimensions: ['e'] })).toEqual([3, 0]);
});

test('partials that are too large are not kept, and others make room', async () => {
  const small = world(1000, { ...SIZES, maxEntryBytes: 100 });
  for (let i = 0; i < 3; i++) expect(await small.asked()).toEqual([0, 3]);
  // What is left tells that it is not worth trying again.
  expect(small.caches.partials!.counts).toMatchObject({ entries: 3, hits: 0, misses: 9 });
  expect(small.caches.partials!.counts.bytes).toBeLessThan(1000);
  const tight = world(1000, { ...SIZES, partialBytes: 4000 });
  for (let i = 0; i < 4; i++) await tight.asked();
  const { entries, bytes, evictions } = tight.caches.partials!.counts;
  expect(entries).toBeGreaterThan(0);
  expect(entries).toBeLessThan(3);
  expect(bytes).toBeLessThanOrEqual(4000);
  expect(evictions).toBeGreaterThan(0);
});

test('what is added up together does not depend on what is known', async () => {
  const tables = new TestTables();
  for (const [day, count] of [12, 60, 12, 12, 60, 12].entries()) {
    const rows = rowsOf(day, count).map((row, i) => ({ ...row, d: 10 ** (i % 5) / (7 + day) }));
    tables.addSealed('t', TABLE, [{ rows }], 1000);
  }
  // Of 60 rows the filter leaves more than that, of 12 fewer: these are folded together, one segment after the other.
  const engine = testEngine(tables, { caches: queryCaches(SIZES, 10) });
  const run = (context: object) =>
    engine.run(
      parseNativeQuery({
        ...QUERY,
        intervals: '2024/2025',
        granularity: 'all',
        dimensions: [],
        filter: { type: 'in', dimension: 'a', values: ['text 1', 'text 2', 'text 3'] },
        context: { ...context, forceIndexes: true },
      }),
    );
  const { rows } = await run({ useCache: false });
  for (let i = 0; i < 3; i++) {
    const found = await run({});
    expect(found.rows).toEqual(rows);
    expect(found.stats.cachedSegments).toBe(i === 0 ? 0 : 2);
  }
});

const AGGREGATORS: readonly JsonObject[] = [
  { type: 'count' },
  { type: 'longSum', fieldName: 'n' },
  { type: 'doubleSum', fieldName: 'd' },
  { type: 'doubleMean', fieldName: 'd' },
  { type: 'floatMin', fieldName: 'd' },
  { type: 'stringFirst', fieldName: 'a' },
  { type: 'doubleLast', fieldName: 'd' },
  { type: 'stringAny', fieldName: 'a' },
  { type: 'timeMax', fieldName: '__time' },
  { type: 'distinctCount', fieldName: 'a' },
  { type: 'hyperUnique', fieldName: 'a' },
  { type: 'cardinality', fields: ['a', 'n'] },
  { type: 'HLLSketchBuild', fieldName: 'a' },
  { type: 'thetaSketch', fieldName: 'a' },
  { type: 'arrayOfDoublesSketch', fieldName: 'a', metricColumns: ['d'] },
  { type: 'quantilesDoublesSketch', fieldName: 'd' },
  { type: 'KllDoublesSketch', fieldName: 'd' },
  { type: 'tDigestSketch', fieldName: 'd' },
  { type: 'momentSketch', fieldName: 'd' },
  { type: 'variance', fieldName: 'd' },
  { type: 'bloom', field: { type: 'default', dimension: 'a' } },
  { type: 'histogram', fieldName: 'd', breaks: [1, 5] },
  { type: 'approxHistogramFold', fieldName: 'd' },
  {
    type: 'fixedBucketsHistogram',
    fieldName: 'd',
    numBuckets: 5,
    lowerLimit: 0,
    upperLimit: 10,
    outlierHandlingMode: 'overflow',
  },
  {
    type: 'expression',
    fields: ['n'],
    initialValue: '0',
    fold: '__acc + n',
    combine: '__acc + agg',
  },
];

/** Of each aggregator states cross threads in another form, and may be changed where they are merged. */
test.each(AGGREGATORS.map((spec) => ({ type: String(spec.type), spec })))(
  'states of $type stay as they were kept',
  async ({ spec }) => {
    for (const rowsPerJob of [1000, 20]) {
      const { run, tables } = world(rowsPerJob);
      const query = { aggregations: [{ ...spec, name: 'agg' }], granularity: 'all' };
      const shown = async (which?: 'plain') => {
        const { rows, fields } = await run({ ...query, context: { finalize: true } }, which);
        return JSON.stringify([fields, rows], (_, value) =>
          typeof value === 'bigint' ? `${value}n` : value,
        );
      };
      const expected = await shown('plain');
      for (let i = 0; i < 5; i++) expect(await shown()).toBe(expected);
      const { stats } = await run(query);
      expect(stats.cachedSegments).toBe(3);
      tables.close();
    }
  },
);
