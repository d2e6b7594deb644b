import fc from 'fast-check';
import { VirtualDisk } from '../../core/index.js';
import { ETERNITY, parseAggregator, parseGranularity, type Value } from '../../model/index.js';
import type { TreeDefinition } from '../../segments/index.js';
import { sealFiles, type TestRow, type TestTable, TestTables } from '../testing.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Rows lie in three days after it. */
const FIRST_MS = Date.UTC(2024, 2, 30, 22);

type Json = Record<string, unknown>;

/** For tests: the columns of all tables. Doubles are multiples of 1/8, so that sums are exact in any order. */
const DIMENSIONS = {
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

const notNull = (column: string): Json => ({ type: 'not', field: { type: 'null', column } });

const counted = (column: string, name: string): Json => ({
  type: 'filtered',
  filter: notNull(column),
  aggregator: { type: 'count', name },
});

/** Metrics of trees over rows as they are. */
const METRICS: readonly Json[] = [
  { type: 'count', name: 'm0' },
  { type: 'longSum', name: 'm1', fieldName: 'x' },
  { type: 'longSum', name: 'm2', fieldName: 'y' },
  { type: 'longMin', name: 'm3', fieldName: 'x' },
  { type: 'longMax', name: 'm4', fieldName: 'x' },
  { type: 'doubleSum', name: 'm5', fieldName: 'q' },
  { type: 'doubleSum', name: 'm6', fieldName: 'w' },
  { type: 'doubleMin', name: 'm7', fieldName: 'q' },
  { type: 'doubleMax', name: 'm8', fieldName: 'q' },
  counted('x', 'm9'),
  counted('q', 'm10'),
];

const SKETCHES: readonly Json[] = [
  { type: 'hyperUnique', name: 'm11', fieldName: 'u' },
  { type: 'thetaSketch', name: 'm12', fieldName: 'u', size: 256 },
  { type: 'HLLSketchBuild', name: 'm13', fieldName: 'u', lgK: 10 },
  { type: 'quantilesDoublesSketch', name: 'm14', fieldName: 'q' },
  { type: 'KllDoublesSketch', name: 'm15', fieldName: 'q', k: 200 },
  { type: 'tDigestSketch', name: 'm16', fieldName: 'q' },
];

const among = (filter: Json, aggregator: Json): Json => ({ type: 'filtered', filter, aggregator });
const equals = (column: string, matchValue: string | null) => ({
  type: 'selector',
  dimension: column,
  value: matchValue,
});
const T1: Json = { type: 'in', dimension: 't', values: ['t1', 't9'] };

/** What queries ask, each in the words of somebody else. */
const AGGREGATIONS: readonly Json[] = [
  { type: 'count', name: 'a0' },
  { type: 'longSum', name: 'a1', fieldName: 'x' },
  { type: 'longSum', name: 'a2', fieldName: 'y', expression: null },
  { type: 'longMin', name: 'a3', fieldName: 'x' },
  { type: 'longMax', name: 'a4', fieldName: 'x' },
  { type: 'doubleSum', name: 'a5', fieldName: 'q' },
  { type: 'doubleSum', name: 'a6', fieldName: 'w' },
  { type: 'min', name: 'a7', fieldName: 'q' },
  { type: 'doubleMax', name: 'a8', fieldName: 'q' },
  among({ type: 'not', field: equals('x', null) }, { type: 'count', name: 'a9' }),
  among({ type: 'not', field: { type: 'null', column: 'q' } }, { type: 'count', name: 'a10' }),
  { type: 'doubleMean', name: 'a16', fieldName: 'q' },
  { type: 'doubleMean', name: 'a17', fieldName: 'y' },
  among(T1, { type: 'longSum', name: 'a18', fieldName: 'y' }),
  among(T1, { type: 'count', name: 'a19' }),
  among({ type: 'and', fields: [T1, notNull('x')] }, { type: 'count', name: 'a20' }),
  among(T1, among(notNull('q'), { type: 'count', name: 'a21' })),
  among(equals('s', 'none'), { type: 'doubleMean', name: 'a22', fieldName: 'w' }),
  among(notNull('y'), { type: 'count', name: 'a23' }),
  among({ type: 'true' }, { type: 'doubleSum', name: 'a24', fieldName: 'w' }),
  among({ type: 'false' }, { type: 'count', name: 'a25' }),
];

const SKETCHING: readonly Json[] = [
  { type: 'hyperUnique', name: 'a11', fieldName: 'u', round: true },
  { type: 'thetaSketch', name: 'a12', fieldName: 'u', size: 200 },
  { type: 'thetaSketch', name: 'a13', fieldName: 'u', size: 64 },
  { type: 'HLLSketchBuild', name: 'a14', fieldName: 'u', lgK: 10, tgtHllType: 'HLL_4' },
  {
    type: 'cardinality',
    name: 'a15',
    fields: [{ type: 'default', dimension: 'u', outputName: 'u', outputType: 'STRING' }],
    byRow: false,
    round: true,
  },
  { type: 'quantilesDoublesSketch', name: 'a26', fieldName: 'q', k: 128 },
  { type: 'KllDoublesSketch', name: 'a27', fieldName: 'q' },
];

/** Stored metrics of a table that is rolled up, what trees make of them, and what queries ask of them. */
const STORED: readonly Json[] = [
  { type: 'count', name: 'count' },
  { type: 'longSum', name: 'sum_x', fieldName: 'x' },
  { type: 'doubleMax', name: 'max_q', fieldName: 'q' },
  { type: 'hyperUnique', name: 'users', fieldName: 'u' },
  { type: 'thetaSketch', name: 'theta', fieldName: 'u', size: 256 },
  { type: 'HLLSketchBuild', name: 'hll', fieldName: 'u' },
];
const STORED_METRICS: readonly Json[] = [
  { type: 'longSum', name: 'count', fieldName: 'count' },
  { type: 'count', name: 'rows' },
  { type: 'longSum', name: 'sum_x', fieldName: 'sum_x' },
  { type: 'doubleMax', name: 'max_q', fieldName: 'max_q' },
  { type: 'hyperUnique', name: 'users', fieldName: 'users', round: false },
  { type: 'thetaSketch', name: 'theta', fieldName: 'theta', size: 256 },
  { type: 'HLLSketchMerge', name: 'hll', fieldName: 'hll' },
];
const STORED_AGGREGATIONS: readonly Json[] = [
  { type: 'longSum', name: 'a0', fieldName: 'count' },
  { type: 'count', name: 'a1' },
  { type: 'longSum', name: 'a2', fieldName: 'sum_x' },
  { type: 'doubleMax', name: 'a3', fieldName: 'max_q' },
  { type: 'hyperUnique', name: 'a4', fieldName: 'users' },
  { type: 'thetaSketch', name: 'a5', fieldName: 'theta', size: 128 },
  { type: 'HLLSketchMerge', name: 'a6', fieldName: 'hll', lgK: 12, round: true },
  among(T1, { type: 'longSum', name: 'a7', fieldName: 'count' }),
];

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

/** What reads some columns. */
interface Reading {
  readonly reads: readonly string[];
  readonly json: Json;
}
const reading = (reads: string, json: Json): Reading => ({
  reads: reads === '' ? [] : reads.split(' '),
  json,
});

const CONDITIONS: readonly Reading[] = [
  ...['s1', 's3', 's9', 'none', null].map((value) => reading('s', equals('s', value))),
  ...['t0', 't4'].map((value) => reading('t', equals('t', value))),
  reading('s', { type: 'in', dimension: 's', values: ['s0', 's3', null] }),
  reading('s', { type: 'bound', dimension: 's', lower: 's1', upper: 's2', upperStrict: true }),
  reading('t', { type: 'like', dimension: 't', pattern: 't%' }),
  reading('l', { type: 'bound', dimension: 'l', lower: '0', ordering: 'numeric' }),
  reading('l', { type: 'range', column: 'l', matchValueType: 'LONG', upper: 4 }),
  reading('l', { type: 'null', column: 'l' }),
  reading('d', { type: 'equals', column: 'd', matchValueType: 'DOUBLE', matchValue: 0.25 }),
  reading('s t', { type: 'expression', expression: "concat(s, t) == 's1t1'" }),
  reading('s t', { type: 'selector', dimension: 'st', value: 's1-t1' }),
  reading('s', { type: 'selector', dimension: 'upper', value: 'S2' }),
  reading('s t', { type: 'columnComparison', dimensions: ['s', 't'] }),
  reading('', { type: 'true' }),
  reading('', { type: 'false' }),
  reading('', equals('missing', null)),
  reading('__time', equals('day', String(Date.UTC(2024, 2, 31)))),
  reading('y', { type: 'bound', dimension: 'y', lower: '0', ordering: 'numeric' }),
];

/** Columns that queries read, mostly. */
type Columns = ReadonlySet<string>;

const within = (all: readonly Reading[], columns: Columns): Json[] =>
  all.filter(({ reads }) => reads.every((name) => columns.has(name))).map(({ json }) => json);

function filterOver(columns: Columns) {
  const condition = fc.constantFrom(...within(CONDITIONS, columns));
  return fc.letrec((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small' },
      { weight: 3, arbitrary: condition },
      fc.record({
        type: fc.constantFrom('and', 'or'),
        fields: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ type: fc.constantFrom('not', 'istrue', 'isfalse'), field: tie('filter') }),
    ),
  })).filter;
}

const VIRTUAL_COLUMNS: readonly Json[] = [
  {
    type: 'expression',
    name: 'day',
    expression: "timestamp_floor(__time, 'P1D')",
    outputType: 'LONG',
  },
  {
    type: 'expression',
    name: 'hour of day',
    expression: "timestamp_extract(__time, 'HOUR', 'UTC')",
    outputType: 'LONG',
  },
  { type: 'expression', name: 'st', expression: "concat(s, '-', t)", outputType: 'STRING' },
  { type: 'expression', name: 'upper', expression: 'upper(s)', outputType: 'STRING' },
  { type: 'expression', name: 'list', expression: "string_to_array(st, '-')" },
];

const grouped = (reads: string, name: string, outputType: string): Reading =>
  reading(reads, { type: 'default', dimension: name, outputName: `by ${name}`, outputType });
const GROUPED: readonly Reading[] = [
  grouped('s', 's', 'STRING'),
  grouped('t', 't', 'STRING'),
  grouped('l', 'l', 'LONG'),
  grouped('d', 'd', 'DOUBLE'),
  grouped('__time', 'day', 'LONG'),
  grouped('__time', 'hour of day', 'LONG'),
  grouped('s t', 'st', 'STRING'),
  grouped('s t', 'list', 'STRING'),
  grouped('', 'missing', 'STRING'),
  reading('s', {
    type: 'extraction',
    dimension: 's',
    outputName: 'by last',
    extractionFn: { type: 'substring', index: 1 },
  }),
  reading('t', {
    type: 'lookup',
    dimension: 't',
    outputName: 'by name',
    lookup: { type: 'map', map: { t0: 'zero', t1: 'one' } },
    replaceMissingValueWith: 'other',
  }),
];

const moment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.integer({ min: -1, max: 3 }).map((day) => Date.UTC(2024, 2, 31 + day)),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: -1, max: 12 }).map((i) => Date.UTC(2024, 2, 31, 6 * i)),
  },
  { weight: 2, arbitrary: fc.integer({ min: -2, max: 74 }).map((i) => FIRST_MS + i * HOUR) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 * DAY }).map((ms) => FIRST_MS + ms) },
);
const interval = fc.uniqueArray(moment, { minLength: 2, maxLength: 2 }).map((ends) =>
  ends
    .sort((a, b) => a - b)
    .map((ms) => new Date(ms).toISOString())
    .join('/'),
);
const intervals = fc.oneof(
  { weight: 8, arbitrary: fc.constant('2024/2025') },
  { weight: 2, arbitrary: interval },
  { weight: 1, arbitrary: fc.array(interval, { minLength: 2, maxLength: 3 }) },
);

function aggregationsOf(isRolledUp: boolean) {
  const bounds = { minLength: 1, maxLength: 4 };
  if (isRolledUp) return fc.subarray([...STORED_AGGREGATIONS], bounds);
  const plain = fc.subarray([...AGGREGATIONS], bounds);
  const sketches = fc.subarray([...SKETCHING], { minLength: 1, maxLength: 1 });
  return fc.oneof(
    { weight: 2, arbitrary: plain },
    { weight: 1, arbitrary: fc.tuple(plain, sketches).map((both) => both.flat()) },
  );
}
const nameOf = (spec: Json): string =>
  (spec.name as string | undefined) ?? nameOf(spec.aggregator as Json);

const GRANULARITIES = [
  'hour',
  'day',
  { type: 'period', period: 'PT6H' },
  { type: 'period', period: 'P1D', timeZone: 'America/New_York' },
];

/** For tests: a query over the table `t`, which mostly reads dimensions of one of its trees. */
export function queryOf({ isRolledUp, trees }: TableSpec): fc.Arbitrary<Json> {
  const all = trees.map(({ dimensions }) => new Set(dimensions.map(({ name }) => name)));
  const everything: Columns = new Set([...Object.keys(DIMENSIONS), '__time']);
  return fc
    .oneof(
      { weight: 6, arbitrary: fc.constantFrom<Columns>(...all) },
      { weight: 1, arbitrary: fc.constant(everything) },
    )
    .chain((columns) => queryOver(columns, isRolledUp));
}

function queryOver(columns: Columns, isRolledUp: boolean): fc.Arbitrary<Json> {
  const shared = {
    dataSource: fc.constant('t'),
    intervals,
    granularity: fc.constantFrom<unknown>(
      'all',
      'all',
      ...(columns.has('__time') ? GRANULARITIES : ['all']),
    ),
    virtualColumns: fc.constant(VIRTUAL_COLUMNS),
    aggregations: aggregationsOf(isRolledUp),
    filter: fc.option(filterOver(columns), { freq: 2 }),
  };
  const dimensions = within(GROUPED, columns);
  return fc.oneof(
    fc.record<Json>({
      ...shared,
      queryType: fc.constant('timeseries'),
      context: fc.constantFrom(
        {},
        { skipEmptyBuckets: true },
        { grandTotal: true },
        { skipIndexes: {} },
      ),
    }),
    fc
      .record<Json>({
        ...shared,
        queryType: fc.constant('groupBy'),
        dimensions: fc.subarray(dimensions, {
          minLength: 1,
          maxLength: Math.min(3, dimensions.length),
        }),
      })
      .chain(withGroupRules),
    fc
      .record<Json>({
        ...shared,
        queryType: fc.constant('topN'),
        dimension: fc.constantFrom(...dimensions),
        threshold: fc.constantFrom(2, 100),
      })
      .chain((query) => {
        const names = (query.aggregations as Json[]).map(nameOf);
        const metric = fc.constantFrom<unknown>(...names, {
          type: 'dimension',
          ordering: 'lexicographic',
        });
        return metric.map((each) => ({ ...query, metric: each }));
      }),
  );
}

/** Having, limits and subtotals. */
function withGroupRules(query: Json): fc.Arbitrary<Json> {
  const [first] = query.aggregations as Json[];
  const names = (query.dimensions as Json[]).map(({ outputName }) => outputName as string);
  return fc
    .record({
      having: fc.option(
        fc.constant({ type: 'greaterThan', aggregation: nameOf(first!), value: 10 }),
      ),
      limitSpec: fc.option(
        fc.constant({
          type: 'default',
          limit: 5,
          columns: [{ dimension: nameOf(first!), direction: 'descending' }, ...names],
        }),
      ),
      subtotalsSpec: fc.option(fc.constant([names.slice(0, 1), []]), { freq: 4 }),
    })
    .map((rules) => ({
      ...query,
      ...Object.fromEntries(Object.entries(rules).filter(([, rule]) => rule !== null)),
    }));
}
