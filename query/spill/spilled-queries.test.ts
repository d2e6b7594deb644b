import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type JsonObject, VirtualDisk } from '../../core/index.js';
import { assertReaching } from '../../core/testing.js';
import { InlineExecutor } from '../executor/inline-executor.js';
import { parseNativeQuery } from '../native/registry.js';
import type { QueryEngine } from '../query-engine.js';
import { TestTables, testEngine } from '../testing.js';
import { SPILL_DIRECTORY, spillingEngine } from './spill-testing.js';

const ROW_COUNT = 3000;

/** Keys of every form: narrow and wide numbers, beyond 2^53, doubles with zeros of both signs, texts few and many, lists, nulls. */
const ROWS = Array.from({ length: ROW_COUNT }, (_, i) => ({
  __time: ((i * 7919) % ROW_COUNT) * 600_000,
  s: i % 7 === 0 ? null : `t${(i * 31) % 2500}`,
  few: `v${i % 3}`,
  m: i % 5 === 0 ? null : i % 4 === 0 ? `a${i % 13}` : [`a${i % 11}`, `b${i % 17}`],
  n: (i * 13) % 50,
  w: i % 11 === 0 ? null : ((i * 17) % 2000) * 2 ** 36,
  big: i % 3 === 0 ? 2n ** 62n + BigInt(i % 700) : i,
  d: i % 5 === 0 ? null : i % 9 === 0 ? -0 : ((i * 7) % 40) / 4,
  v: (i * 29) % 3000,
}));
const TYPES = {
  s: 'STRING',
  few: 'STRING',
  m: 'STRING',
  n: 'LONG',
  w: 'LONG',
  big: 'LONG',
  d: 'DOUBLE',
} as const;
type Name = keyof typeof TYPES;
const TABLE = { dimensions: { ...TYPES, v: 'LONG' } } as const;

const third = Math.floor(ROW_COUNT / 3);
const parts = [0, 1, 2].map((i) => ({ rows: ROWS.slice(i * third, (i + 1) * third) }));
const LAYOUTS: readonly TestTables[] = [
  new TestTables().addSealed('t', TABLE, [{ rows: ROWS }], ROW_COUNT),
  new TestTables().addSealed('t', TABLE, [{ rows: ROWS }], 900),
  new TestTables().add('t', TABLE, parts),
];
afterAll(() => {
  for (const tables of LAYOUTS) tables.close();
});

const dimension = (name: Name): JsonObject => ({
  type: 'default',
  dimension: name,
  outputName: name,
  outputType: TYPES[name],
});

const AGGREGATIONS: readonly JsonObject[] = [
  { type: 'count', name: 'c' },
  { type: 'longSum', name: 'sum', fieldName: 'v' },
  { type: 'doubleMax', name: 'most', fieldName: 'd' },
  { type: 'doubleSum', name: 'total', fieldName: 'd' },
  { type: 'longMin', name: 'least', fieldName: 'big' },
  { type: 'hyperUnique', name: 'u', fieldName: 's' },
  { type: 'cardinality', name: 'pairs', fields: ['few', 'n'], byRow: true },
  { type: 'stringLast', name: 'last', fieldName: 'few' },
  {
    type: 'filtered',
    filter: { type: 'bound', dimension: 'n', lower: '25', ordering: 'numeric' },
    aggregator: { type: 'longSum', name: 'some', fieldName: 'v' },
  },
];
const FILTERS: readonly (JsonObject | null)[] = [
  null,
  { type: 'like', dimension: 's', pattern: 't1%' },
  { type: 'bound', dimension: 'n', lower: '10', upper: '30', ordering: 'numeric' },
];
const BASE = { dataSource: 't', intervals: '1970/1971' };

const groupBys = fc
  .record({
    dimensions: fc.subarray(Object.keys(TYPES) as Name[], { minLength: 1, maxLength: 3 }),
    granularity: fc.constantFrom('all', 'all', 'day', 'ten_minute'),
    aggregations: fc.subarray([...AGGREGATIONS], { minLength: 1, maxLength: 4 }),
    filter: fc.constantFrom(...FILTERS),
    having: fc.boolean(),
    limit: fc.option(fc.record({ limit: fc.integer({ min: 1, max: 40 }), offset: fc.nat(5) })),
    descending: fc.boolean(),
    subtotals: fc.nat(5),
  })
  .map(({ dimensions, aggregations, having, limit, descending, subtotals, ...rest }) => {
    const names = aggregations.map((each) => String(each.name ?? 'some'));
    const direction = descending ? 'descending' : 'ascending';
    const columns = [{ dimension: names[0]!, direction }];
    return {
      ...BASE,
      ...rest,
      queryType: 'groupBy',
      dimensions: dimensions.map(dimension),
      aggregations,
      ...(names.includes('c') && {
        postAggregations: [
          {
            type: 'arithmetic',
            name: 'more',
            fn: '+',
            fields: [
              { type: 'fieldAccess', fieldName: 'c' },
              { type: 'constant', value: 1 },
            ],
          },
        ],
      }),
      ...(having &&
        names.includes('sum') && {
          having: { type: 'greaterThan', aggregation: 'sum', value: 1500 },
        }),
      ...(limit && { limitSpec: { type: 'default', ...limit, columns } }),
      ...(subtotals === 0 && { subtotalsSpec: [dimensions, dimensions.slice(1), []] }),
    };
  });

const topNs = fc
  .record({
    dimension: fc.constantFrom<Name>('s', 'm', 'w', 'big'),
    granularity: fc.constantFrom('all', 'day'),
    threshold: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ dimension: name, ...rest }) => ({
    ...BASE,
    ...rest,
    queryType: 'topN',
    dimension: dimension(name),
    metric: 'sum',
    aggregations: [AGGREGATIONS[1]!, AGGREGATIONS[5]!],
  }));

const nested = fc
  .record({
    inner: groupBys,
    outer: fc.subarray(['s', 'n', 'w', 'few'] as Name[], { maxLength: 2 }),
    granularity: fc.constantFrom('all', 'day'),
    queryType: fc.constantFrom('groupBy', 'timeseries'),
  })
  .map(({ inner, outer, granularity, queryType }) => {
    const kept = outer.filter((name) => inner.dimensions.some((each) => each.dimension === name));
    const name = String(inner.aggregations[0]!.name ?? 'some');
    return {
      queryType,
      granularity,
      intervals: '1970/1971',
      ...(queryType === 'groupBy' && { dimensions: kept.map(dimension) }),
      aggregations: [
        { type: 'count', name: 'rows' },
        { type: 'longMax', name: 'max', fieldName: name },
      ],
      context: { skipEmptyBuckets: true },
      dataSource: { type: 'query', query: { ...inner, subtotalsSpec: undefined } },
    };
  });

async function rowsOf(engine: QueryEngine, query: object) {
  try {
    const { rows, stats } = await engine.run(parseNativeQuery(query));
    return { rows, spilled: stats.spilledBytes };
  } catch (error) {
    return { rows: String(error), spilled: 0 };
  } finally {
    expect(engine.heldBytes).toBe(0);
  }
}

test.each([
  { name: 'groupBy and topN', queries: fc.oneof(groupBys, groupBys, topNs), count: 18 },
  { name: 'queries over a groupBy', queries: nested, count: 8 },
])('answers of $name are the same when all groups go to disk', async ({ queries, count }) => {
  let spilled = 0;
  await assertReaching(
    fc.asyncProperty(
      queries as fc.Arbitrary<object>,
      fc.constantFrom(...LAYOUTS),
      fc.constantFrom(150, 700),
      async (query, tables, rowsPerJob) => {
        const limits = { maxSubqueryRows: 1_000_000 };
        const expected = await rowsOf(testEngine(tables, { rowsPerJob, limits }), query);
        const disk = new VirtualDisk();
        const engine = spillingEngine(tables, rowsPerJob, disk, limits);
        const found = await rowsOf(engine, query);
        expect(found.rows).toEqual(expected.rows);
        expect(disk.list(SPILL_DIRECTORY)).toEqual([]);
        expect(tables.pinsHeld).toBe(0);
        if (found.spilled > 0) spilled++;
      },
    ),
    count,
    () => {
      // Nearly all do; a table of few combinations stays in memory.
      expect(spilled).toBeGreaterThan(count / 2);
    },
  );
});

test('answers are the same when what is held is merged, or goes to disk, half way', async () => {
  let spilled = 0;
  await assertReaching(
    fc.asyncProperty(
      fc.oneof(groupBys, topNs, nested),
      fc.constantFrom(...LAYOUTS),
      fc.constantFrom(2 ** 16, 2 ** 18, 2 ** 20),
      fc.boolean(),
      async (query, tables, maxQueryBytes, isMany) => {
        const rowsPerJob = isMany ? 150 : 700;
        const expected = await rowsOf(testEngine(tables, { rowsPerJob }), query);
        const disk = new VirtualDisk();
        const engine = spillingEngine(tables, rowsPerJob, disk, { maxQueryBytes }, 1);
        const found = await rowsOf(engine, query);
        if (typeof found.rows === 'string' && found.rows.includes('maxQueryBytes')) return;
        expect(found.rows).toEqual(expected.rows);
        expect(disk.list(SPILL_DIRECTORY)).toEqual([]);
        if (found.spilled > 0) spilled++;
      },
    ),
    25,
    () => {
      expect(spilled).toBeGreaterThan(0);
    },
  );
});

test('what is merged on the way is folded in the order of the rows, and once', async () => {
  const query = parseNativeQuery({
    ...BASE,
    queryType: 'groupBy',
    granularity: 'all',
    dimensions: [dimension('w')],
    aggregations: [AGGREGATIONS[0]!, AGGREGATIONS[3]!],
    limitSpec: { type: 'default', limit: 50, columns: ['total'] },
  });
  const run = async (maxQueryBytes: number) =>
    testEngine(LAYOUTS[0]!, {
      rowsPerJob: 100,
      limits: { maxQueryBytes },
      executor: new InlineExecutor(new VirtualDisk()),
    }).run(query);
  const { rows } = await run(2 ** 30);
  for (const maxQueryBytes of [110_000, 130_000, 150_000]) {
    expect((await run(maxQueryBytes)).rows).toEqual(rows);
  }
});
