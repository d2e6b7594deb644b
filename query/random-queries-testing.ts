import fc from 'fast-check';
import type { TestRow, TestTable } from './testing.js';

/** For tests: random rows, and random queries over them in the language of `naive-testing.ts`. */

const HOUR = 3_600_000;
/** Whole hours of three days, so that buckets collide. */
const time = fc.nat(71).map((hour) => hour * HOUR);
const text = fc.constantFrom('a', 'b', 'ab', '', '\u{1F600}', '\uFFFD', 'B');
const long = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n),
);
/** Halves: their sums are exact in any order. */
const double = fc.integer({ min: -100, max: 100 }).map((n) => n / 2);
const multi = fc.oneof(
  text,
  fc.uniqueArray(text, { minLength: 2, maxLength: 3 }),
  fc.constant(null),
);

export const RANDOM_TABLE: TestTable = {
  dimensions: { s: 'STRING', m: 'STRING', n: 'LONG', d: 'DOUBLE' },
};

export const randomRows: fc.Arbitrary<TestRow[]> = fc.array(
  fc.record({
    __time: time,
    s: fc.option(text),
    m: multi,
    n: fc.option(long),
    d: fc.option(double),
  }),
  { maxLength: 40 },
);

const VIRTUAL_COLUMNS = [
  { type: 'mv-filtered', name: 'kept', delegate: 'm', values: ['a', 'ab', 'B'] },
  { type: 'fallback', name: 'known', columns: ['missing', 's', 'kept', 'n'] },
];

/** The rows with the values of the virtual columns that queries ask for. */
export const withVirtualCells = (rows: readonly TestRow[]): TestRow[] =>
  rows.map((row) => {
    const { s = null, m = null, n = null } = row;
    const cells = Array.isArray(m) ? m : [m];
    const list = cells.filter((each) => ['a', 'ab', 'B'].includes(each));
    const kept = list.length > 1 ? list : (list[0] ?? null);
    return { ...row, kept, known: s ?? kept ?? (n === null ? null : String(n)) };
  });

const interval = fc
  .tuple(fc.integer({ min: -2, max: 75 }), fc.integer({ min: 1, max: 40 }))
  .map(([start, length]) => [start * HOUR, (start + length) * HOUR] as const);

/** One to three, in order and apart. */
const intervals = fc.array(interval, { minLength: 1, maxLength: 3 }).map((list) => {
  const sorted = [...list].sort((a, b) => a[0] - b[0]);
  return sorted.filter(
    ([start], i) => i === 0 || start > Math.max(...sorted.slice(0, i).map(([, end]) => end)),
  );
});

const leafFilter = fc.oneof(
  fc.record({
    type: fc.constant('selector'),
    dimension: fc.constantFrom('s', 'm', 'kept', 'known'),
    value: fc.option(text),
  }),
  fc.record({
    type: fc.constant('selector'),
    dimension: fc.constantFrom('n', 'missing'),
    value: fc.constantFrom('1', '9223372036854775807', null),
  }),
  fc
    .tuple(fc.constantFrom('__time', 'n'), fc.integer({ min: 0, max: 80 }))
    .map(([dimension, lower]) => ({
      type: 'bound',
      dimension,
      lower: String(dimension === '__time' ? lower * HOUR : lower - 40),
      ordering: 'numeric',
    })),
);
const filter = fc.letrec<{ any: object }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leafFilter,
    fc.record({ type: fc.constant('not'), field: tie('any') }),
    fc.record({
      type: fc.constantFrom('and', 'or'),
      fields: fc.array(tie('any'), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).any;

const plainAggregator = fc.constantFrom(
  { type: 'count' },
  { type: 'longSum', fieldName: 'n' },
  { type: 'longMin', fieldName: 'n' },
  { type: 'longMax', fieldName: 'n' },
  { type: 'doubleSum', fieldName: 'd' },
  { type: 'doubleMax', fieldName: 'd' },
  { type: 'longSum', fieldName: 'missing' },
  { type: 'timeMax', fieldName: '__time' },
  { type: 'distinctCount', fieldName: 'm' },
  { type: 'distinctCount', fieldName: 'kept' },
);
/** What a segment can tell without being read. */
const knownAggregator = fc.constantFrom(
  { type: 'count' },
  { type: 'longMin', fieldName: '__time' },
  { type: 'longMax', fieldName: '__time' },
);
const aggregator = fc.oneof(
  plainAggregator,
  knownAggregator,
  fc.record({ type: fc.constant('filtered'), filter, aggregator: plainAggregator }),
);
const aggregations = fc
  .oneof(
    { weight: 3, arbitrary: fc.array(aggregator, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(knownAggregator, { minLength: 1, maxLength: 3 }) },
  )
  .map((list) =>
    list.map((spec, i) =>
      'aggregator' in spec
        ? { ...spec, name: `a${i}`, aggregator: { ...spec.aggregator, name: `a${i}` } }
        : { ...spec, name: `a${i}` },
    ),
  );

const base = {
  intervals,
  filter: fc.option(filter, { freq: 2 }),
  virtualColumns: fc.constant(VIRTUAL_COLUMNS),
};
const granularity = fc.constantFrom('all', 'hour', 'day', 'none');
const bucketed = { ...base, granularity, aggregations };

const dimension = fc.constantFrom(
  { type: 'default', dimension: 's', outputName: 'k_s', outputType: 'STRING' },
  { type: 'default', dimension: 'm', outputName: 'k_m', outputType: 'STRING' },
  { type: 'default', dimension: 'n', outputName: 'k_n', outputType: 'LONG' },
  { type: 'default', dimension: 'd', outputName: 'k_d', outputType: 'DOUBLE' },
  { type: 'default', dimension: 'missing', outputName: 'k_missing', outputType: 'STRING' },
  { type: 'default', dimension: 'kept', outputName: 'k_kept', outputType: 'STRING' },
  { type: 'default', dimension: 'known', outputName: 'k_known', outputType: 'STRING' },
);

export const randomTimeseries = fc.record({
  ...bucketed,
  // Buckets of a millisecond over days would be too many to fill.
  granularity: fc.constantFrom('all', 'hour', 'day'),
  queryType: fc.constant('timeseries'),
  descending: fc.boolean(),
  limit: fc.nat(5),
  context: fc.record({ skipEmptyBuckets: fc.boolean(), grandTotal: fc.boolean() }),
});

export const randomTopN = fc.record({
  ...bucketed,
  granularity: fc.constantFrom('all', 'hour', 'day'),
  queryType: fc.constant('topN'),
  dimension,
  threshold: fc.integer({ min: 1, max: 4 }),
  metric: fc.constantFrom('a0', { type: 'inverted', metric: 'a0' }),
});

export const randomGroupBy = fc.record({
  ...bucketed,
  queryType: fc.constant('groupBy'),
  dimensions: fc.uniqueArray(dimension, {
    maxLength: 3,
    selector: ({ outputName }) => outputName,
  }),
  limitSpec: fc.option(
    fc.record({
      type: fc.constant('default'),
      limit: fc.integer({ min: 1, max: 8 }),
      offset: fc.nat(3),
    }),
  ),
});

export const randomScan = fc.record({
  ...base,
  queryType: fc.constant('scan'),
  columns: fc.constant(['__time', 's', 'm', 'n', 'd', 'missing', 'kept', 'known']),
  order: fc.constantFrom('none', 'ascending', 'descending'),
  limit: fc.nat(20),
  offset: fc.nat(5),
});

export const randomSearch = fc.record({
  ...base,
  queryType: fc.constant('search'),
  granularity: fc.constant('all'),
  searchDimensions: fc.constantFrom(
    ['s'],
    ['s', 'm'],
    ['m', 'n', 'missing'],
    ['kept', 's', 'known'],
  ),
  query: fc.record({
    type: fc.constant('insensitive_contains'),
    value: fc.constantFrom('a', '', '1'),
  }),
});

export const randomTimeBoundary = fc.record({ ...base, queryType: fc.constant('timeBoundary') });

/** How rows are cut into segments: for each row, which one. */
export const randomLayout = fc.record({
  segmentOf: fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }),
  rowsPerJob: fc.constantFrom(1, 3, 7, 1000),
});
