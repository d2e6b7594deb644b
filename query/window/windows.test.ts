import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JsonObject, type Long, toLong } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import { ask } from '../fixture-testing.js';
import {
  type NaiveAggregation,
  type NaiveOperator,
  type NaiveProcessor,
  type NaiveRow,
  type NaiveValue,
  naiveWindows,
  toJson,
} from './naive-windows-testing.js';

const TYPES = { k: 'STRING', g: 'LONG', n: 'LONG', x: 'DOUBLE' } as const;
const NAMES = Object.keys(TYPES) as (keyof typeof TYPES)[];

/** The answer of a window query over some rows, as rows. */
async function answered(
  rows: readonly NaiveRow[],
  operators: readonly JsonObject[],
  outputSignature: readonly JsonObject[],
): Promise<unknown> {
  const dataSource = {
    type: 'inline',
    columnNames: NAMES,
    columnTypes: Object.values(TYPES),
    rows: rows.map((row) => NAMES.map((name) => row[name])),
  };
  return ask({
    queryType: 'windowOperator',
    intervals: null,
    dataSource,
    operators,
    outputSignature,
  });
}

const text = fc.constantFrom('', 'a', 'b', 'ä', '\u{1f600}', '\uffee');
const long = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(9007199254740993n, 9007199254740994n, -(2n ** 63n), 2n ** 63n - 1n),
);
// Halves add up exactly, in any order.
const double = fc.integer({ min: -9, max: 9 }).map((value) => value / 2);
const row: fc.Arbitrary<NaiveRow> = fc.record({
  k: fc.option(text, { freq: 4 }),
  g: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 4 }),
  n: fc.option(long, { freq: 4 }),
  x: fc.option(double, { freq: 4 }),
});

const present = (rows: readonly NaiveRow[], name: string): NaiveValue[] =>
  rows.map((each) => each[name]!).filter((value) => value !== null);

const longSum = (values: readonly NaiveValue[]): Long | null =>
  values.length === 0
    ? null
    : toLong(
        BigInt.asIntN(
          64,
          values.reduce<bigint>((sum, value) => sum + BigInt(value as Long), 0n),
        ),
      );

const largest = (values: readonly NaiveValue[]): NaiveValue =>
  values.reduce<NaiveValue>((a, b) => (a === null || b! > a ? b : a), null);

const AGGREGATIONS: readonly ((name: string) => NaiveAggregation)[] = [
  (name) => ({ spec: { type: 'count', name }, of: (rows) => rows.length }),
  (name) => ({
    spec: { type: 'longSum', name, fieldName: 'n' },
    of: (rows) => longSum(present(rows, 'n')),
  }),
  (name) => ({
    spec: { type: 'longMax', name, fieldName: 'n' },
    of: (rows) => largest(present(rows, 'n')),
  }),
  (name) => ({
    spec: { type: 'doubleSum', name, fieldName: 'x' },
    of: (rows) => {
      const values = present(rows, 'x') as number[];
      return values.length === 0 ? null : values.reduce((a, b) => a + b);
    },
  }),
  (name) => ({
    spec: {
      type: 'filtered',
      filter: { type: 'equals', column: 'k', matchValueType: 'STRING', matchValue: 'a' },
      aggregator: { type: 'count', name },
      name,
    },
    of: (rows) => rows.filter(({ k }) => k === 'a').length,
  }),
  // Its states are objects.
  (name) => ({
    spec: { type: 'cardinality', name, fields: ['k'], round: true },
    of: (rows) => new Set(present(rows, 'k')).size,
  }),
  // Its values are, too, and tell the order of rows.
  (name) => ({
    spec: {
      type: 'expression',
      name,
      fields: ['g'],
      initialValue: 'ARRAY<LONG>[]',
      fold: 'array_append(__acc, g)',
      combine: `array_concat(__acc, ${name})`,
      maxSizeBytes: 100_000,
    },
    of: (rows) => (rows.length === 0 ? null : rows.map(({ g }) => g!)),
  }),
];

const column = fc.constantFrom(...NAMES);
const columns = fc.uniqueArray(column, { maxLength: 2 });
const orders = fc.array(
  fc.record({ column, direction: fc.constantFrom('ASC' as const, 'DESC' as const) }),
  { maxLength: 2 },
);
const offset = fc.option(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -40, max: 40 })),
  { freq: 3 },
);
const frame = fc.oneof(
  fc.constant({ type: 'unbounded' as const }),
  fc.record({ type: fc.constant('rows' as const), lowerOffset: offset, upperOffset: offset }),
  fc.record({
    type: fc.constant('groups' as const),
    lowerOffset: offset,
    upperOffset: offset,
    orderByColumns: columns,
  }),
);

/** Processors whose columns are `w0`, `w1` and so on. */
const processors: fc.Arbitrary<NaiveProcessor[]> = fc
  .array(
    fc.oneof(
      fc.record({ type: fc.constant('rowNumber') }),
      fc.record({ type: fc.constant('percentile'), numBuckets: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ type: fc.constant('rank'), group: columns, asPercent: fc.boolean() }),
      fc.record({ type: fc.constantFrom('denseRank', 'cumeDist'), group: columns }),
      fc.record({ type: fc.constantFrom('first', 'last'), inputColumn: column }),
      fc.record({
        type: fc.constant('offset'),
        inputColumn: column,
        offset: fc.integer({ min: -3, max: 3 }),
      }),
      fc.record({
        type: fc.constant('framedAgg'),
        frame,
        make: fc.constantFrom(...AGGREGATIONS),
      }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((drawn) =>
    drawn.map((each, i) => {
      if (!('make' in each)) return { ...each, outputColumn: `w${i}` } as NaiveProcessor;
      const { type, frame, make } = each;
      return { type, frame, aggregations: [make(`w${i}`)] } as NaiveProcessor;
    }),
  );

const arrangement: fc.Arbitrary<NaiveOperator> = fc.oneof(
  fc.record({
    type: fc.constantFrom('naiveSort' as const, 'partitionSort' as const),
    columns: orders,
  }),
  fc.record({
    type: fc.constantFrom('naivePartition' as const, 'glueingPartition' as const),
    partitionColumns: columns,
  }),
  fc.record({
    type: fc.constant('scan' as const),
    ordering: orders,
    offsetLimit: fc.record({
      offset: fc.integer({ min: 0, max: 4 }),
      limit: fc.integer({ min: 0, max: 90 }),
    }),
  }),
);

test('windows are as plain rows say, one by one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 100 }),
      fc.array(arrangement, { maxLength: 3 }),
      processors,
      fc.array(arrangement, { maxLength: 2 }),
      async (rows, before, drawn, after) => {
        const processor = { type: 'composing' as const, processors: drawn };
        const operators = [...before, { type: 'window' as const, processor }, ...after];
        const names = [...NAMES, ...drawn.map((_, i) => `w${i}`)];
        const found = await answered(
          rows,
          toJson(operators),
          names.map((name) => ({ name })),
        );
        const wanted = naiveWindows(rows, operators).map((each) => names.map((name) => each[name]));
        expect(found).toEqual(wanted);
      },
    ),
    { numRuns: draws(150) },
  );
}, 120_000);
