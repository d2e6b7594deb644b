import fc from 'fast-check';
import type { JsonObject } from '../../core/index.js';
import { DATA_FORMS, FIRST_MS, TIME_SHAPES } from './data-testing.js';
import {
  codedName,
  columnName,
  expressions,
  jsonPath,
  literal,
  VIRTUAL,
} from './expressions-testing.js';
import { extraction, filter, intervalText } from './filters-testing.js';
import type { Pair } from './pair-job-testing.js';

/** For tests: random timeseries, topN and groupBy queries over the columns of `data-testing.ts`. */

type Json = fc.Arbitrary<JsonObject>;
const json = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): Json => fc.record(fields);
const is = <T>(value: T): fc.Arbitrary<T> => fc.constant(value);

const HOUR = 3_600_000;
const ETERNITY = ['1900-01-01/2100-01-01'];
const DAYS = [`2024-03-30T12:30:00Z/${new Date(FIRST_MS + 30 * HOUR).toISOString()}`];
const intervals = fc.oneof(
  { weight: 6, arbitrary: is(ETERNITY) },
  { weight: 1, arbitrary: is(DAYS) },
  { weight: 1, arbitrary: is([]) },
  { weight: 3, arbitrary: fc.array(intervalText, { minLength: 1, maxLength: 3 }) },
);

const granularity = fc.oneof(
  { weight: 5, arbitrary: is('all') },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>('minute', 'hour', 'day', 'week', 'month', 'year'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      { type: 'period', period: 'P1M', timeZone: 'Europe/Berlin' },
      { type: 'period', period: 'P1D', timeZone: 'America/New_York' },
      { type: 'duration', duration: 7_200_000, origin: '2024-03-30T00:30:00Z' },
      'none',
    ),
  },
);

const outputType = fc.constantFrom('STRING', 'LONG', 'DOUBLE', 'FLOAT');

const computed = (expression: fc.Arbitrary<string>, type: fc.Arbitrary<unknown>): Json =>
  json({ type: is('expression'), expression, outputType: type });
const filteredColumn: Json = fc.oneof(
  json({
    type: is('mv-filtered'),
    delegate: columnName,
    values: fc.uniqueArray(literal, { minLength: 1, maxLength: 3 }),
    isAllowList: fc.boolean(),
  }),
  json({
    type: is('mv-prefix-filtered'),
    delegate: columnName,
    prefix: fc.constantFrom('a', 'x1'),
  }),
);
const fallbackColumn: Json = json({
  type: is('fallback'),
  columns: fc.array(
    fc.oneof(columnName, json({ type: is('default'), dimension: columnName, outputType })),
    { minLength: 1, maxLength: 3 },
  ),
});

const virtualColumns = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: computed(expressions.number, fc.oneof(outputType, is(undefined))) },
      { weight: 3, arbitrary: computed(expressions.truth, is('LONG')) },
      {
        weight: 3,
        arbitrary: computed(
          expressions.text,
          fc.constantFrom('STRING', 'STRING', 'LONG', 'ARRAY<STRING>'),
        ),
      },
      {
        weight: 3,
        arbitrary: json({
          type: is('nested-field'),
          columnName: is('j'),
          path: jsonPath,
          expectedType: fc.constantFrom('STRING', 'STRING', 'LONG', 'DOUBLE', 'ARRAY<LONG>'),
        }),
      },
      { weight: 1, arbitrary: filteredColumn },
      { weight: 1, arbitrary: fallbackColumn },
    ),
    { maxLength: VIRTUAL.length },
  )
  .map((list) =>
    list.map((column, i): JsonObject => {
      const name = VIRTUAL[i]!;
      // None reads itself.
      const others = JSON.parse(JSON.stringify(column).replaceAll(name, 'n8')) as JsonObject;
      return { ...others, [column.type === 'nested-field' ? 'outputName' : 'name']: name };
    }),
  );

const SIMPLE = ['long', 'double', 'float'].flatMap((type) =>
  ['Sum', 'Min', 'Max'].map((kind) => `${type}${kind}`),
);
const ONE_ROW = ['long', 'double', 'float', 'string'].flatMap((type) =>
  ['First', 'Last', 'Any'].map((kind) => `${type}${kind}`),
);
const codedDimension = json({ type: is('default'), dimension: codedName, outputType });
const plainDimension = json({ type: is('default'), dimension: columnName, outputType });

/** Aggregators by type; those without a form are rare, since one of them is enough to interpret all. */
const AGGREGATORS: readonly (readonly [number, Json])[] = [
  [10, is({ type: 'count' })],
  [20, json({ type: fc.constantFrom(...SIMPLE), fieldName: columnName })],
  [8, json({ type: fc.constantFrom(...SIMPLE), expression: expressions.number })],
  [
    10,
    json({
      type: fc.constantFrom(
        'thetaSketch',
        'quantilesDoublesSketch',
        'KllDoublesSketch',
        'tDigestSketch',
        'HLLSketchMerge',
      ),
      fieldName: columnName,
    }),
  ],
  [
    6,
    json({
      type: is('HLLSketchBuild'),
      fieldName: columnName,
      lgK: fc.constantFrom(4, 7, 8, 12),
      stringEncoding: fc.constantFrom('utf8', 'utf16le'),
    }),
  ],
  [6, json({ type: is('hyperUnique'), fieldName: columnName, round: fc.boolean() })],
  [
    6,
    json({
      type: is('cardinality'),
      fields: fc.oneof(
        fc.tuple(fc.oneof(codedDimension, plainDimension, columnName)),
        // Two of one column: a cell counts twice, or as one tuple.
        fc
          .tuple(codedName, outputType)
          .map(([dimension, type]) => [
            dimension,
            { type: 'default', dimension, outputType: type },
          ]),
      ),
      byRow: fc.boolean(),
    }),
  ],
  [
    8,
    json({
      type: fc.constantFrom(...ONE_ROW),
      fieldName: columnName,
      maxStringBytes: fc.constantFrom(1024, 1),
      aggregateMultipleValues: fc.boolean(),
    }),
  ],
  [
    1,
    fc.oneof(
      json({ type: is('longLast'), fieldName: columnName, timeColumn: is('n16') }),
      json({ type: is('doubleMean'), fieldName: columnName }),
      json({ type: is('cardinality'), fields: is(['s5', 'n8']), byRow: fc.boolean() }),
    ),
  ],
];

const aggregator = fc.letrec<{ any: JsonObject }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2 },
    ...AGGREGATORS.map(([weight, arbitrary]) => ({ weight, arbitrary })),
    { weight: 7, arbitrary: json({ type: is('filtered'), filter, aggregator: tie('any') }) },
  ),
})).any;

const named = (spec: JsonObject, name: string): JsonObject =>
  spec.type === 'filtered'
    ? { ...spec, name, aggregator: named(spec.aggregator as JsonObject, name) }
    : { ...spec, name };

const FACTORS = fc.constantFrom('0', '1', '-1', '3', '7', '3000000000', '9223372036854775807');

/** Sums of which most tell the others. */
const sumFamily = fc
  .tuple(
    fc.oneof(columnName, expressions.number),
    fc.array(fc.tuple(FACTORS, FACTORS), { minLength: 2, maxLength: 4 }),
  )
  .chain(([inner, list]) =>
    fc.tuple(
      ...list.map(([a, b]) =>
        fc.constantFrom(
          ...[
            `${inner}`,
            `${inner} + ${a}`,
            `${a} - ${inner}`,
            `-(${inner}) * ${b}`,
            `(${inner} - ${b}) * ${a} + ${inner}`,
          ],
        ),
      ),
    ),
  )
  .map((list) => list.map((expression): JsonObject => ({ type: 'longSum', expression })));

const aggregations = fc
  .oneof(
    { weight: 6, arbitrary: fc.array(aggregator, { maxLength: 4 }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(sumFamily, fc.array(aggregator, { maxLength: 2 }))
        .map(([sums, others]) => [...sums, ...others]),
    },
  )
  .map((list) => list.map((spec, i) => named(spec, `a${i}`)));

const innerDimension = fc.oneof(
  { weight: 10, arbitrary: plainDimension },
  {
    weight: 2,
    arbitrary: json({
      type: is('extraction'),
      dimension: codedName,
      outputType: fc.constantFrom('STRING', 'STRING', 'LONG'),
      extractionFn: extraction,
    }),
  },
  {
    weight: 1,
    arbitrary: json({
      type: is('default'),
      dimension: columnName,
      outputType: fc.constantFrom('ARRAY<STRING>', 'ARRAY<LONG>'),
    }),
  },
);
const dimension = fc.oneof(
  { weight: 8, arbitrary: innerDimension },
  {
    weight: 1,
    arbitrary: json({
      type: is('listFiltered'),
      delegate: innerDimension,
      values: fc.array(fc.option(literal), { minLength: 1, maxLength: 4 }),
      isWhitelist: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      json({ type: is('regexFiltered'), delegate: innerDimension, pattern: is('[a-m0-4]*') }),
      json({
        type: is('prefixFiltered'),
        delegate: innerDimension,
        prefix: fc.constantFrom('v', '1'),
      }),
    ),
  },
);

const keyed = (spec: JsonObject, name: string): JsonObject =>
  'delegate' in spec
    ? { ...spec, delegate: keyed(spec.delegate as JsonObject, name) }
    : { ...spec, outputName: name };

const base = {
  intervals,
  granularity,
  virtualColumns,
  aggregations,
  filter: fc.option(filter, { freq: 2 }),
};

const timeseries = json({ ...base, queryType: is('timeseries') });
const topN = json({
  ...base,
  queryType: is('topN'),
  dimension: dimension.map((spec) => keyed(spec, 'k')),
  threshold: is(5),
  metric: is({ type: 'dimension', ordering: 'lexicographic' }),
});
const groupBy = json({
  ...base,
  queryType: is('groupBy'),
  dimensions: fc
    .array(dimension, { maxLength: 3 })
    .map((list) => list.map((spec, i) => keyed(spec, `g${i}`))),
  context: fc.oneof(
    { weight: 8, arbitrary: is({}) },
    { weight: 1, arbitrary: is({ groupByEnableMultiValueUnnesting: false }) },
  ),
});

const query: Json = fc.oneof(
  { weight: 2, arbitrary: timeseries },
  { weight: 2, arbitrary: topN },
  { weight: 4, arbitrary: groupBy },
);

const ascending = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);

/** A thread's share of 64 KiB makes tables overflow. */
const slot = fc.oneof(
  { weight: 3, arbitrary: is({ index: 0, count: 1 }) },
  { weight: 3, arbitrary: fc.constantFrom({ index: 5, count: 64 }, { index: 63, count: 64 }) },
  { weight: 1, arbitrary: is({ index: 2, count: 20 }) },
);

export const pair: fc.Arbitrary<Pair> = fc.record({
  query,
  cuts: fc.oneof(
    { weight: 3, arbitrary: is([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(1000), { maxLength: 4 }).map(ascending) },
  ),
  extent: fc.oneof(
    { weight: 4, arbitrary: is([0, 1000] as const) },
    { weight: 1, arbitrary: fc.constantFrom([130, 720] as const, [0, 500] as const) },
  ),
  skipped: fc.oneof({ weight: 4, arbitrary: is([]) }, fc.array(fc.nat(3), { maxLength: 2 })),
  slot,
  mergedAtOnce: fc.constantFrom(1, 5, 100, 100_000),
  half: fc.constantFrom('strategies', 'others'),
  indexes: fc.record({
    kind: fc.constantFrom('stored', 'stored', 'naive', 'naive', 'skipped'),
    isForced: fc.boolean(),
  }),
});

const rowCount = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 63, 64, 65) },
  { weight: 4, arbitrary: fc.integer({ min: 2, max: 400 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1000, max: 2000 }) },
);

export const dataSpec = fc.record({
  rowCount,
  seed: fc.nat(1_000_000),
  times: fc.constantFrom(...TIME_SHAPES),
  form: fc.constantFrom('sealed', ...DATA_FORMS),
});

/** Enough rows for several jobs; of the larger ones, for dictionaries beyond 65,536 texts. */
export const LARGE = fc.record({
  rowCount: fc.constantFrom(20_000, 66_000, 200_000),
  seed: fc.nat(1_000_000),
  times: fc.constantFrom(...TIME_SHAPES),
  form: fc.constantFrom('sealed', ...DATA_FORMS),
});
