import fc from 'fast-check';
import { VirtualDisk } from '../../core/index.js';
import { ETERNITY, parseAggregator, parseGranularity, type Value } from '../../model/index.js';
import type { TreeDefinition } from '../../segments/index.js';
import { sealFiles, type TestRow, type TestTable, TestTables } from '../testing.js';
import { type Json, METRICS, SKETCHES, STORED, STORED_METRICS } from './pair-metrics-testing.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Rows lie in three days after it. */
export const FIRST_MS = Date.UTC(2024, 2, 30, 22);

/** For tests: the columns of all tables. Doubles are multiples of 1/8, so that sums are exact in any order. */
export const DIMENSIONS = {
  s: 'STRING',
  t: 'STRING',
  l: 'LONG',
  d: 'DOUBLE',
  u: 'STRING',
  x: 'LONG',
  y: 'LONG',
  q: 'DOUBLE',
  w: 'DOUBLE',
} as const;

const LONGS: readonly Value[] = [-1, 0, 5, 2n ** 60n, -(2n ** 63n), 2 ** 40];

/** How rows are made. */
export interface RowsSpec {
  readonly rowCount: number;
  readonly seed: number;
  readonly spanMs: number;
  /** One in so many cells is null; 0: none is. */
  readonly nulls: number;
}

function rowsOfSpec({ rowCount, seed, spanMs, nulls }: RowsSpec): TestRow[] {
  let state = seed | 1;
  const random = (n: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const maybe = (value: Value): Value => (nulls > 0 && random(nulls) === 0 ? null : value);
  return Array.from({ length: rowCount }, () => ({
    __time: FIRST_MS + random(spanMs),
    s: maybe(`s${random(4)}`),
    t: maybe(`t${random(3)}`),
    l: maybe(LONGS[random(2) + 2]!),
    d: maybe(random(2) / 4),
    u: maybe(`u${random(300)}`),
    x: maybe(random(20) === 0 ? LONGS[random(LONGS.length)]! : random(3000)),
    y: random(17) - 8,
    q: maybe(random(4000) / 8),
    w: random(100) / 8,
  }));
}

const treeDimension = fc.record({
  name: fc.constantFrom('s', 't', 's', 't', 'l', 'd', '__time', '__time'),
  skipStar: fc.boolean(),
  granularity: fc.constantFrom('hour', 'day', 'six_hour', { type: 'period', period: 'PT6H' }),
});

const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

const tree = fc.record({
  dimensions: fc.uniqueArray(treeDimension, {
    minLength: 2,
    maxLength: 5,
    selector: ({ name }) => name,
  }),
  maxLeafRecords: fc.constantFrom(1, 10, 100),
  /** A metric that it lacks, and the sketches that it has, by number. */
  without: rarely(fc.nat(10)),
  sketches: fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1, maxLength: 3 }),
});

const rows: fc.Arbitrary<RowsSpec> = fc.record({
  rowCount: fc.integer({ min: 400, max: 1200 }),
  seed: fc.nat(),
  spanMs: fc.constantFrom(3 * HOUR, DAY, 3 * DAY),
  nulls: fc.constantFrom(0, 3, 20),
});

/** For tests: how a table is made, of several segments: those of the last rows have no trees, and half of the others may be overshadowed. */
export const tableSpec = fc.record({
  isRolledUp: fc.boolean(),
  trees: fc.array(tree, { minLength: 1, maxLength: 2 }),
  segments: fc.array(rows, { minLength: 1, maxLength: 3 }),
  others: fc.option(rows, { freq: 2 }),
  clipMs: rarely(fc.constantFrom(HOUR, 2 * HOUR, 26 * HOUR, 90 * 60_000 + 1)),
});

export type TableSpec = typeof tableSpec extends fc.Arbitrary<infer T> ? T : never;

/** For tests: the table `t`. */
export function tableOf({ isRolledUp, trees, segments, others, clipMs }: TableSpec): TestTables {
  const metricsOf = ({ without, sketches }: TableSpec['trees'][number]): Json[] => {
    const all = isRolledUp ? STORED_METRICS : METRICS;
    const kept = all.filter((_, i) => i !== without);
    return isRolledUp ? kept : [...kept, ...sketches.map((i) => SKETCHES[i]!)];
  };
  const starTrees = trees.map(
    (each): TreeDefinition => ({
      maxLeafRecords: each.maxLeafRecords,
      metrics: metricsOf(each).map((spec) => parseAggregator(spec, '')),
      dimensions: each.dimensions.map(({ name, skipStar, granularity }) => ({
        name,
        skipStar,
        ...(name === '__time' && { granularity: parseGranularity(granularity, '') }),
      })),
    }),
  );
  const { u, x, q, ...grouped } = DIMENSIONS;
  const table: TestTable = isRolledUp
    ? { dimensions: grouped, metrics: STORED, rollup: true }
    : { dimensions: DIMENSIONS };
  const tables = new TestTables();
  for (const [i, spec] of segments.entries()) {
    const clip = clipMs === null || i > 0 ? ETERNITY : { ...ETERNITY, startMs: FIRST_MS + clipMs };
    addFile(tables, { ...table, starTrees }, spec, clip);
  }
  if (others !== null) addFile(tables, table, others, ETERNITY);
  return tables;
}

const SHARD = { type: 'numbered', partitionNum: 0, partitions: 1 } as const;

function addFile(
  tables: TestTables,
  table: TestTable,
  spec: RowsSpec,
  clip: typeof ETERNITY,
): void {
  const disk = new VirtualDisk();
  const [file] = sealFiles(disk, table, [{ rows: rowsOfSpec(spec) }], spec.rowCount);
  tables.addFile('t', disk, file!.sealed.path, SHARD, clip);
}
