import fc from 'fast-check';
import {
  AGGREGATIONS,
  equals,
  type Json,
  SKETCHING,
  STORED_AGGREGATIONS,
} from './pair-metrics-testing.js';
import { DAY, DIMENSIONS, FIRST_MS, HOUR, type TableSpec } from './pair-tables-testing.js';

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
