import { afterAll, describe, expect, test } from 'vitest';
import { ManualClock, RealDisk, SeededRandom, VirtualDisk } from '../core/index.js';
import { complexTypeNames, parseAggregator, type Value } from '../model/index.js';
import { mergeSteps, packSegment, shardSpecOf, unpackSegment } from '../segments/index.js';
import type { Executor } from './executor/executor.js';
import { InlineExecutor } from './executor/inline-executor.js';
import { parseNativeQuery } from './native/registry.js';
import { SqlEngine } from './sql/index.js';
import {
  sealFiles,
  type TestRow,
  type TestTable,
  TestTables,
  testEngine,
  testSchema,
} from './testing.js';

/**
 * Sketches that were made while rows came in answer as those that a query makes of the rows, in whatever form and number of
 * segments they lie, asked natively or in SQL.
 */

interface Sketch {
  /** The aggregator over columns of the rows; its name, and the column that it becomes. */
  readonly spec: { readonly type: string; readonly name: string } & Record<string, unknown>;
  /** What is asked of it: a post-aggregator, in which `null` stands for the sketch; absent: its finalised value. */
  readonly ask?: Record<string, unknown>;
  /** The same in SQL, of the column of the rows or the one that was made of it. */
  readonly sql?: (column: string) => string;
  /** How far answers may differ, relative to the rows' own; absent: they are the same. */
  readonly within?: number;
}

/** Quantiles of `x`, which is uniform: a rank that is off by 0.01 is a median that is off by 2 %. */
const RANK = 0.08;
/** Of sums in another order. */
const ROUNDING = 1e-12;

const SKETCHES: readonly Sketch[] = [
  {
    spec: { type: 'hyperUnique', name: 'unique', fieldName: 'u' },
    sql: (c) => `APPROX_COUNT_DISTINCT(${c})`,
  },
  {
    spec: { type: 'thetaSketch', name: 'theta', fieldName: 'u', size: 128 },
    ask: { type: 'thetaSketchEstimate', field: null },
    sql: (c) => `THETA_SKETCH_ESTIMATE(DS_THETA(${c}, 128))`,
  },
  {
    spec: { type: 'HLLSketchBuild', name: 'hll', fieldName: 'u', lgK: 10 },
    ask: { type: 'HLLSketchToEstimate', field: null },
    sql: (c) => `HLL_SKETCH_ESTIMATE(DS_HLL(${c}, 10))`,
  },
  {
    spec: { type: 'quantilesDoublesSketch', name: 'quantiles', fieldName: 'x', k: 64 },
    ask: { type: 'quantilesDoublesSketchToQuantile', field: null, fraction: 0.5 },
    sql: (c) => `APPROX_QUANTILE_DS(${c}, 0.5, 64)`,
    within: RANK,
  },
  ...(['KllDoublesSketch', 'KllFloatsSketch'] as const).map((type) => ({
    spec: { type, name: type, fieldName: 'x', k: 200 },
    ask: { type: `${type}ToQuantile`, field: null, fraction: 0.5 },
    within: RANK,
  })),
  {
    spec: {
      type: 'arrayOfDoublesSketch',
      name: 'tuple',
      fieldName: 'u',
      metricColumns: ['minute'],
      nominalEntries: 128,
    },
    ask: { type: 'arrayOfDoublesSketchToMetricsSumEstimate', field: null },
    sql: (c) => {
      const sketch = `DS_TUPLE_DOUBLES(${c === 'u' ? 'u, minute' : c}, 128)`;
      return `DS_TUPLE_DOUBLES_METRICS_SUM_ESTIMATE(${sketch})`;
    },
  },
  {
    spec: { type: 'topKSketch', name: 'top', fieldName: 'at', k: 5 },
    sql: (c) => `APPROX_TOP_K(${c}, 5)`,
  },
  {
    spec: {
      type: 'lossyCountingSketch',
      name: 'lossy',
      fieldName: 'at',
      share: 0.026,
      error: 0.0002,
    },
    sql: (c) => `APPROX_HEAVY_HITTERS(${c}, 0.026, 0.0002)`,
  },
  {
    // All of them, so that it is the same one in every layout.
    spec: { type: 'reservoirSample', name: 'sample', fieldName: 'at', maxNumSamples: 3000 },
    sql: (c) => `RESERVOIR_SAMPLE(${c}, 3000)`,
  },
  {
    spec: { type: 'countMinHeavyHitters', name: 'heavy', fieldName: 'at', share: 0.026 },
    sql: (c) => `COUNT_MIN_HEAVY_HITTERS(${c}, 0.026)`,
  },
  {
    spec: { type: 'countMinSketch', name: 'frequencies', fieldName: 'u', width: 64 },
    ask: { type: 'countMinSketchToFrequency', field: null, value: 'user 7' },
    sql: (c) => `COUNT_MIN_FREQUENCY(COUNT_MIN_SKETCH(${c}, 64), 'user 7')`,
  },
  {
    spec: { type: 'approxHistogram', name: 'bins', fieldName: 'x', resolution: 40 },
    ask: { type: 'quantile', fieldName: 'bins', probability: 0.5 },
    sql: (c) => `APPROX_QUANTILE(${c}, 0.5, 40)`,
    within: RANK,
  },
  {
    spec: {
      type: 'fixedBucketsHistogram',
      name: 'buckets',
      fieldName: 'x',
      numBuckets: 30,
      lowerLimit: 100,
      upperLimit: 900,
      outlierHandlingMode: 'overflow',
    },
    ask: { type: 'quantile', fieldName: 'buckets', probability: 0.5 },
    sql: (c) => `APPROX_QUANTILE_FIXED_BUCKETS(${c}, 0.5, 30, 100, 900, 'overflow')`,
  },
  {
    spec: { type: 'tDigestSketch', name: 'digest', fieldName: 'x', compression: 100 },
    ask: { type: 'quantileFromTDigestSketch', field: null, fraction: 0.5 },
    sql: (c) => `TDIGEST_QUANTILE(${c}, 0.5, 100)`,
    within: RANK,
  },
  {
    spec: { type: 'momentSketch', name: 'moments', fieldName: 'x', k: 10, compress: false },
    ask: { type: 'momentSketchSolveQuantiles', field: null, fractions: [0.5] },
    within: RANK,
  },
  {
    spec: { type: 'spectatorHistogram', name: 'spectator', fieldName: 'x' },
    ask: { type: 'percentilesSpectatorHistogram', field: null, percentiles: [50, 90] },
  },
  {
    spec: { type: 'variance', name: 'var', fieldName: 'x', estimator: 'population' },
    sql: (c) => `VAR_POP(${c})`,
    within: ROUNDING,
  },
  {
    spec: { type: 'bloom', name: 'bloom', field: 'u', maxNumEntries: 300 },
    sql: (c) => `BLOOM_FILTER(${c}, 300)`,
  },
  { spec: { type: 'doubleMean', name: 'mean', fieldName: 'x' }, within: ROUNDING },
  ...(['string', 'long', 'double', 'float'] as const).flatMap((type): Sketch[] => {
    const fieldName = type === 'string' ? 'at' : 'minute';
    return [
      {
        spec: { type: `${type}First`, name: `${type}_first`, fieldName },
        sql: (c) => (type === 'string' ? `EARLIEST(${c}, 20)` : `EARLIEST(${c})`),
      },
      {
        spec: { type: `${type}Last`, name: `${type}_last`, fieldName },
        sql: (c) => (type === 'string' ? `LATEST(${c}, 20)` : `LATEST(${c})`),
      },
    ];
  }),
];

const chance = new SeededRandom(7);
const random = () => chance.nextUint32() / 2 ** 32;
const ROWS: readonly TestRow[] = Array.from({ length: 3000 }, (_, i) => {
  const minute = Math.floor(random() * 40);
  return {
    __time: minute * 60_000,
    k: ['a', 'b', 'c'][i % 3]!,
    u: i % 50 === 0 ? null : `user ${Math.floor(random() * 500)}`,
    x: i % 70 === 0 ? null : random() * 1000,
    at: `minute ${minute}`,
    minute,
  };
});
const parts = (count: number) =>
  Array.from({ length: count }, (_, part) => ({ rows: ROWS.filter((_, i) => i % count === part) }));

const PLAIN: TestTable = {
  dimensions: { k: 'STRING', u: 'STRING', x: 'DOUBLE', at: 'STRING', minute: 'LONG' },
};
const ROLLED: TestTable = {
  dimensions: { k: 'STRING' },
  metrics: SKETCHES.map(({ spec }) => spec),
  rollup: true,
};

/** What merging two files as a stream gives. */
function compacted(table: TestTable): TestTables {
  const disk = new VirtualDisk();
  const paths = sealFiles(disk, table, parts(2), 90).map(({ sealed }) => sealed.path);
  const options = { maxRowsPerSegment: 1000, memoryBytes: 1 << 20, temporaryDir: '/tmp/merge' };
  const steps = mergeSteps(disk, '/merged', String, paths, testSchema(table), options);
  for (;;) {
    const { done, value } = steps.next();
    if (done)
      return ofFiles(
        disk,
        value.map(({ path }) => path),
      );
  }
}

/** What comes back of deep storage. */
function unpacked(table: TestTable): TestTables {
  const disk = new VirtualDisk();
  const paths = sealFiles(disk, table, parts(2), 90).map(({ sealed }) => sealed.path);
  for (const path of paths) {
    packSegment(disk, path, `${path}.packed`);
    unpackSegment(disk, `${path}.packed`, `${path}.back`);
  }
  return ofFiles(
    disk,
    paths.map((path) => `${path}.back`),
  );
}

function ofFiles(disk: VirtualDisk, paths: readonly string[]): TestTables {
  const tables = new TestTables();
  for (const [i, path] of paths.entries()) {
    tables.addFile('t', disk, path, shardSpecOf(undefined, i, paths.length));
  }
  return tables;
}

const layoutsOf = (table: TestTable) => ({
  'a mutable segment': new TestTables().add('t', table, parts(1)),
  'several mutable segments': new TestTables().add('t', table, parts(5)),
  'a file': new TestTables().addSealed('t', table, parts(5), 5000),
  'several files': new TestTables().addSealed('t', table, parts(5), 50),
  'files merged as a stream': compacted(table),
  'files out of deep storage': unpacked(table),
});

const LAYOUTS = { rows: layoutsOf(PLAIN), 'rolled up': layoutsOf(ROLLED) };

afterAll(() => {
  for (const layouts of Object.values(LAYOUTS)) {
    for (const tables of Object.values(layouts)) tables.close();
  }
});

/** Whose partial results are copied as they are between threads. */
function copyingExecutor(): Executor {
  const inline = new InlineExecutor(new RealDisk());
  return {
    parallelism: 4,
    run: async (batch, signal) => structuredClone(await inline.run(batch, signal)),
    load: (job) => inline.load(job),
    close: () => inline.close(),
  };
}

const engineOf = (tables: TestTables) =>
  testEngine(tables, { executor: copyingExecutor(), rowsPerJob: 70 });

/** By `k`. */
async function askNatively(tables: TestTables, { spec, ask }: Sketch, isRolled: boolean) {
  const aggregator = isRolled ? parseAggregator(spec, '').combining().spec : spec;
  const field = { type: 'fieldAccess', fieldName: spec.name };
  const { fields, rows } = await engineOf(tables).run(
    parseNativeQuery({
      queryType: 'groupBy',
      dataSource: 't',
      intervals: '1970/1971',
      granularity: 'all',
      dimensions: ['k'],
      aggregations: [aggregator],
      postAggregations:
        ask === undefined ? [] : [{ ...ask, name: 'asked', ...('field' in ask && { field }) }],
    }),
  );
  const at = fields.findIndex(({ name }) => name === (ask === undefined ? spec.name : 'asked'));
  return rows.map((row) => row[at]!);
}

async function askInSql(tables: TestTables, item: string) {
  const catalog = { tables: () => ['t'], schema: () => tables.schema('t') };
  const clock = new ManualClock(0);
  const engine = new SqlEngine({
    engine: engineOf(tables),
    catalog,
    system: { rows: () => [] },
    clock,
  });
  const { rows } = await engine.run({ query: `SELECT k, ${item} FROM t GROUP BY k ORDER BY k` });
  return rows.map((row) => row[1]!);
}

function expectNear(
  got: readonly Value[],
  wanted: readonly Value[],
  within: number,
  where: string,
) {
  expect(got.length, where).toBe(3);
  if (within === 0) {
    expect(got, where).toEqual(wanted);
    return;
  }
  for (const [i, value] of got.entries()) {
    const off = Math.abs((value as number) / (wanted[i] as number) - 1);
    expect(off, `${where}: ${value}, not ${wanted[i]}`).toBeLessThanOrEqual(within);
  }
}

describe.each(SKETCHES)('$spec.type', (sketch) => {
  const { spec, sql, within = 0 } = sketch;
  const input = (spec.fieldName ?? spec.field) as string;

  test('natively', async () => {
    const wanted = await askNatively(LAYOUTS.rows['a mutable segment'], sketch, false);
    for (const [form, layouts] of Object.entries(LAYOUTS)) {
      for (const [layout, tables] of Object.entries(layouts)) {
        const got = await askNatively(tables, sketch, form === 'rolled up');
        expectNear(got, wanted, within, `${form}, ${layout}`);
      }
    }
  });

  test.skipIf(sql === undefined)('in SQL', async () => {
    const wanted = await askInSql(LAYOUTS.rows['a mutable segment'], sql!(input));
    for (const [form, layouts] of Object.entries(LAYOUTS)) {
      for (const [layout, tables] of Object.entries(layouts)) {
        const got = await askInSql(tables, sql!(form === 'rolled up' ? spec.name : input));
        expectNear(got, wanted, within, `${form}, ${layout}`);
      }
    }
  });
});

test('all that can be stored are here', () => {
  const stored = SKETCHES.map(({ spec }) => parseAggregator(spec, '').storedType);
  const types = complexTypeNames().filter((name) => name !== 'json');
  expect(new Set(stored)).toEqual(new Set(types.map((name) => `COMPLEX<${name}>`)));
});
