import { describe, expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { readTupleImage, type TupleSketch, tupleImage } from '../../sketches/index.js';
import { parsePostAggregator } from '../post-aggregators/registry.js';
import { welchTest } from '../sketch-values/welch-test.js';
import { TestRows } from '../testing.js';
import type { Value } from '../types.js';
import { parseAggregator } from './registry.js';

const aggregator = (settings: object = {}) =>
  parseAggregator(
    { type: 'arrayOfDoublesSketch', name: 'x', fieldName: 'k', shouldFinalize: false, ...settings },
    'a',
  );

type Row = { readonly k: Value; readonly m: Value; readonly n: Value };

function sketchOf(rows: readonly Row[], settings: object = { metricColumns: ['m', 'n'] }) {
  const source = new TestRows(
    {
      k: { type: 'STRING', multiValue: true },
      m: { type: 'LONG' },
      n: { type: 'DOUBLE' },
    },
    rows.map((row) => ({ ...row })),
  );
  const of = aggregator(settings);
  const accumulator = of.accumulator(source);
  let state = of.initial();
  source.forEach(() => {
    state = accumulator.fold(state);
  });
  return of.finalise(state) as TupleSketch;
}

const ROWS: readonly Row[] = [
  { k: 'a', m: 1, n: 0.5 },
  { k: 'b', m: 2, n: 1.5 },
  { k: 'a', m: 3, n: 0.5 },
  { k: ['c', 'a'], m: 10, n: 0 },
  { k: 'd', m: null, n: 1 },
  { k: null, m: 1, n: 1 },
];

const first = sketchOf(ROWS);
const second = sketchOf([
  { k: 'b', m: 1, n: 1 },
  { k: 'z', m: 5, n: 5 },
]);
const sums = (sketch: TupleSketch) => [...sketch.entries().values].sort((a, b) => a - b);

test('keys have the sums of their rows; rows without a number, or a key, do not count', () => {
  expect(first.count).toBe(3);
  expect(sums(first)).toEqual([0, 1, 1.5, 2, 10, 14]);
});

test('stored columns and base64 texts are merged, parts in any order', () => {
  const of = aggregator({ metricColumns: ['m', 'n'] });
  const merged = of.combine(of.combine(of.initial(), second), of.decode(of.encode(first)));
  const text = Buffer.from(tupleImage(first)).toString('base64');
  const other = Buffer.from(tupleImage(second)).toString('base64');
  const rows = [text, other, null].map((k) => ({ k, m: null, n: null }));
  expect(tupleImage(sketchOf(rows, {}))).toEqual(tupleImage(merged as TupleSketch));
  expect(of.combining().spec).toMatchObject({ fieldName: 'x', numberOfValues: 2 });
  expect(of.combining().spec).not.toHaveProperty('metricColumns');
  expect(parseAggregator(of.combining().spec, 'a').rawFields).toBe('sketches');
  expect(of.inputs).toEqual(['k', 'm', 'n']);
});

test('the value is about how many keys there are', () => {
  const of = aggregator({ shouldFinalize: true });
  expect(of.finalise(first)).toBe(3);
  expect(of.finalise(null)).toBe(0);
});

test.each([
  [{ numberOfValues: 3, metricColumns: ['m'] }, /numberOfValues: want as many as metricColumns, 1/],
  [{ numberOfValues: 256 }, /want 1 to 255/],
  [{ nominalEntries: 5 }, /nominalEntries: want 16/],
])('%j is refused', (settings, says) => {
  expect(() => aggregator(settings)).toThrow(UserError);
  expect(() => aggregator(settings)).toThrow(says);
});

describe('post-aggregators', () => {
  const one = sketchOf([{ k: 'a', m: 1, n: 1 }], { metricColumns: ['m'] });
  const states: Record<string, Value> = { first, second, one };
  const row = {
    value: (name: string) => states[name] ?? null,
    state: (name: string) => states[name] ?? null,
  };
  const access = (fieldName: string) => ({ type: 'fieldAccess', fieldName });
  const evaluate = (type: string, more: object): Value =>
    parsePostAggregator({ name: 'p', type: `arrayOfDoublesSketch${type}`, ...more }, 'p').compile(
      new Map(),
    )(row);
  const of = (type: string, more: object = {}) =>
    evaluate(type, { field: access('first'), ...more });
  const ofBoth = (type: string, more: object = {}) =>
    evaluate(type, { fields: [access('first'), access('second')], ...more });

  test('of one sketch', () => {
    expect(of('ToEstimate')).toBe(3);
    expect(of('ToEstimateAndBounds', { numStdDevs: 2 })).toEqual([3, 3, 3]);
    expect(of('ToNumEntries')).toBe(3);
    expect(of('ToMeans')).toEqual([26 / 3, 2.5 / 3]);
    const [m, n] = of('ToVariances') as number[];
    expect(m).toBeCloseTo((14 ** 2 + 2 ** 2 + 10 ** 2 - 26 ** 2 / 3) / 2, 10);
    expect(n).toBeCloseTo((1 + 1.5 ** 2 - 2.5 ** 2 / 3) / 2, 10);
    expect(of('ToMetricsSumEstimate')).toEqual([26, 2.5]);
    expect(of('ToQuantilesSketch', { column: 2 })).toMatchObject({ n: 3, min: 0, max: 1.5 });
    expect(of('ToString')).toMatch(/values +2[\s\S]*kept entries +3/);
    const base64 = of('ToBase64String') as string;
    expect(sums(readTupleImage(Buffer.from(base64, 'base64')))).toEqual(sums(first));
    expect(sums(evaluate('Constant', { value: base64 }) as TupleSketch)).toEqual(sums(first));
    expect(evaluate('ToEstimate', { field: access('none') })).toBeNull();
  });

  test('of two', () => {
    expect(sums(ofBoth('SetOp', { operation: 'UNION' }) as TupleSketch)).toEqual([
      0, 1, 2.5, 3, 5, 5, 10, 14,
    ]);
    expect(sums(ofBoth('SetOp', { operation: 'INTERSECT' }) as TupleSketch)).toEqual([2.5, 3]);
    expect(sums(ofBoth('SetOp', { operation: 'NOT' }) as TupleSketch)).toEqual([0, 1, 10, 14]);
    expect(ofBoth('TTest')).toHaveLength(2);
    expect(evaluate('TTest', { fields: [access('first'), access('none')] })).toBeNull();
  });

  test.each<[type: string, more: object, says: RegExp]>([
    ['SetOp', { operation: 'XOR' }, /p\.operation: want one of UNION/],
    ['SetOp', { operation: 'NOT', fields: [access('first')] }, /at least two/],
    [
      'SetOp',
      { operation: 'NOT', fields: [access('first'), access('one')] },
      /want sketches of as many values; got 2 and 1/,
    ],
    ['TTest', { fields: [access('first')] }, /want two fields/],
    ['ToQuantilesSketch', { field: access('first'), column: 3 }, /p\.column: want 1 to 2; got 3/],
    ['ToEstimateAndBounds', { field: access('first'), numStdDevs: 4 }, /want 1 to 3/],
    ['Constant', { value: 'AQ==' }, /p\.value: want a tuple sketch as base64/],
  ])('%s of %j is refused', (type, more, says) => {
    const both = { fields: [access('first'), access('second')] };
    expect(() => evaluate(type, { ...both, ...more })).toThrow(UserError);
    expect(() => evaluate(type, { ...both, ...more })).toThrow(says);
  });
});

// By hand: t = 1 and 2 freedoms of each: p = 1 - t / √(2 + t²) for 2, 1 - 2 atan(t) / π for 1.
test('the test of means', () => {
  const of = (n: number, mean: number, variance: number) => ({ n, mean, variance });
  expect(welchTest(of(2, 0, 1), of(2, 1, 1))).toBeCloseTo(1 - 1 / Math.sqrt(3), 12);
  expect(welchTest(of(2, 0, 2), of(1e9, 1, 0))).toBeCloseTo(1 - (2 * Math.atan(1)) / Math.PI, 12);
  expect(welchTest(of(5, 3, 2), of(9, 3, 1))).toBeCloseTo(1, 12);
  expect(welchTest(of(1e6, 0, 1e6), of(1e6, 1.959963984540054 * Math.SQRT2, 1e6))).toBeCloseTo(
    0.05,
    5,
  );
  expect(welchTest(of(1, 3, 0), of(9, 3, 1))).toBeNaN();
  expect(welchTest(of(3, 3, 0), of(9, 3, 0))).toBeNaN();
});
