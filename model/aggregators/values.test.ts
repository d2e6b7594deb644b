import { describe, expect, test } from 'vitest';
import { type JsonObject, LONG_MAX, UnsupportedError, UserError } from '../../core/index.js';
import { HyperLogLog } from '../../sketches/index.js';
import { type TestColumn, TestRows } from '../testing.js';
import type { Value } from '../types.js';
import { groupingId, isGrouping } from './grouping.js';
import { parseAggregator, parseAggregators } from './registry.js';

/** The finalised value of an aggregator over one column `x`, each row a millisecond later. */
function aggregate(
  spec: JsonObject,
  column: TestColumn,
  values: readonly Value[],
  more: Record<string, TestColumn> = {},
  rowsMore: readonly Record<string, Value>[] = [],
): Value {
  const rows = new TestRows(
    { __time: { type: 'LONG' }, x: column, ...more },
    values.map((x, i) => ({ __time: i, x, ...rowsMore[i] })),
  );
  const aggregator = parseAggregator({ name: 'out', fieldName: 'x', ...spec }, 'aggregations[0]');
  const accumulator = aggregator.accumulator(rows);
  let state = aggregator.initial();
  rows.forEach(() => {
    state = accumulator.fold(state);
  });
  return aggregator.finalise(state);
}

const STRING: TestColumn = { type: 'STRING' };
const LONG: TestColumn = { type: 'LONG' };
const DOUBLE: TestColumn = { type: 'DOUBLE' };

describe('numbers', () => {
  test.each([
    { type: 'count', column: LONG, values: [], expected: 0 },
    { type: 'count', column: LONG, values: [null, 1], expected: 2 },
    { type: 'longSum', column: LONG, values: [], expected: null },
    { type: 'longSum', column: LONG, values: [null, null], expected: null },
    { type: 'longSum', column: LONG, values: [LONG_MAX, 1], expected: -(2n ** 63n) },
    {
      type: 'longSum',
      column: LONG,
      values: [9007199254740991, 9007199254740991, 1],
      expected: 18014398509481983n,
    },
    { type: 'longSum', column: DOUBLE, values: [1.9, -1.9, 2.5], expected: 2 },
    { type: 'longSum', column: STRING, values: ['1', 'x', '', ' 2 ', '3.7', null], expected: 6 },
    { type: 'longMin', column: STRING, values: ['9223372036854775807'], expected: LONG_MAX },
    { type: 'doubleSum', column: STRING, values: ['1.5', 'nope', '2'], expected: 3.5 },
    { type: 'doubleSum', column: LONG, values: [1, 2], expected: 3 },
    { type: 'floatSum', column: DOUBLE, values: [0.1, 0.2], expected: Math.fround(0.1 + 0.2) },
    {
      type: 'longMin',
      column: LONG,
      values: [5, null, -9007199254740993n],
      expected: -9007199254740993n,
    },
    { type: 'longMax', column: LONG, values: [9007199254740993n, 5], expected: 9007199254740993n },
    { type: 'doubleMin', column: DOUBLE, values: [2, Number.NaN], expected: Number.NaN },
    { type: 'doubleMax', column: DOUBLE, values: [null, -2, -3], expected: -2 },
    { type: 'floatMax', column: DOUBLE, values: [1.1], expected: Math.fround(1.1) },
    { type: 'min', column: DOUBLE, values: [2, 1], expected: 1 },
    { type: 'max', column: DOUBLE, values: [2, 1], expected: 2 },
    { type: 'doubleMean', column: LONG, values: [1, null, 2], expected: 1.5 },
    { type: 'doubleMean', column: LONG, values: [null], expected: null },
    { type: 'longSum', column: { ...STRING, multiValue: true }, values: [['7', '8']], expected: 7 },
  ])('$type of $values', ({ type, column, values, expected }) => {
    expect(aggregate({ type }, column, values)).toBe(expected);
  });
});

test('sums an expression over the row', () => {
  const spec = { type: 'doubleSum', fieldName: null, expression: 'x * 2 + 0.5' };
  expect(aggregate(spec, LONG, [1, 2, null])).toBe(7);
  expect(parseAggregator({ ...spec, name: 's' }, 'a').inputs).toEqual(['x']);
  expect(() => parseAggregator({ ...spec, name: 's', expression: 'x +' }, 'a')).toThrow(
    /^a\.expression: /,
  );
});

describe('first, last and any', () => {
  test.each([
    { type: 'longFirst', values: [null, 1], expected: null },
    { type: 'longLast', values: [1, 2, null], expected: null },
    { type: 'longLast', values: [1, 2], expected: 2 },
    { type: 'stringFirst', values: [5], expected: '5' },
    { type: 'longAny', values: [null, 3, 4], expected: 3 },
  ])('$type of $values', ({ type, values, expected }) => {
    expect(aggregate({ type }, LONG, values)).toBe(expected);
  });

  test('by another time column; rows without a time do not count', () => {
    const times = [{ t: 30 }, { t: null }, { t: 10 }];
    const spec = { timeColumn: 't' };
    expect(aggregate({ type: 'longFirst', ...spec }, LONG, [1, 2, 3], { t: LONG }, times)).toBe(3);
    expect(aggregate({ type: 'longLast', ...spec }, LONG, [1, 2, 3], { t: LONG }, times)).toBe(1);
  });

  test('of equal times the first or last row that was read', () => {
    const times = [{ t: 5 }, { t: 5 }];
    const spec = { timeColumn: 't' };
    expect(aggregate({ type: 'longFirst', ...spec }, LONG, [1, 2], { t: LONG }, times)).toBe(1);
    expect(aggregate({ type: 'longLast', ...spec }, LONG, [1, 2], { t: LONG }, times)).toBe(2);
  });

  test.each([
    { maxStringBytes: 1024, expected: 'é😀é' },
    { maxStringBytes: 7, expected: 'é😀' },
    { maxStringBytes: 5, expected: 'é' },
    { maxStringBytes: 0, expected: '' },
  ])('text is cut to $maxStringBytes bytes between characters', ({ maxStringBytes, expected }) => {
    expect(aggregate({ type: 'stringLast', maxStringBytes }, STRING, ['é😀é'])).toBe(expected);
  });

  test('stored pairs merge by their own time, and Fold reads nothing else', () => {
    const column: TestColumn = { type: 'COMPLEX<serializablePairLongString>' };
    const pairs = [{ lhs: 9, rhs: 'late' }, null, { lhs: 2, rhs: 'early' }];
    expect(aggregate({ type: 'stringLast' }, column, pairs)).toBe('late');
    expect(aggregate({ type: 'stringFirstFold' }, column, pairs)).toBe('early');
    expect(aggregate({ type: 'stringFirstFold' }, STRING, ['x'])).toBe(null);
  });
});

describe('distinct counts', () => {
  const multi: TestColumn = { type: 'STRING', multiValue: true };
  test.each([
    { spec: { type: 'hyperUnique' }, values: [], expected: 0 },
    { spec: { type: 'hyperUnique' }, values: ['a', 'b', 'a', null], expected: 2 },
    { spec: { type: 'hyperUnique' }, values: [['a', 'b'], 'c'], expected: 3 },
    { spec: { type: 'cardinality', fields: ['x'] }, values: ['a', null, ['a', 'c']], expected: 2 },
    { spec: { type: 'cardinality', fieldNames: ['x'] }, values: ['a', 'b'], expected: 2 },
    {
      spec: { type: 'cardinality', fields: ['x'], byRow: true },
      values: ['a', null, null, ['a', 'b'], ['b', 'a']],
      expected: 3,
    },
    {
      spec: { type: 'cardinality', byRow: true, fields: ['x', 'y'] },
      values: ['a', 'a,', 'a'],
      expected: 2,
    },
  ])('$spec of $values', ({ spec, values, expected }) => {
    expect(aggregate({ ...spec, round: true }, multi, values)).toBe(expected);
    expect(aggregate(spec, multi, values)).toBeCloseTo(expected, 1);
  });

  test('reads sketches as base64 and as stored values', () => {
    const sketch = new HyperLogLog();
    for (const text of ['a', 'b', 'c']) sketch.addText(text);
    const base64 = Buffer.from(sketch.toBytes()).toString('base64');
    const spec = { type: 'hyperUnique', isInputHyperUnique: true, round: true };
    expect(aggregate(spec, STRING, [base64, base64, null])).toBe(3);
    const column: TestColumn = { type: 'COMPLEX<hyperUnique>' };
    expect(aggregate({ type: 'hyperUnique', round: true }, column, [sketch, null])).toBe(3);
    expect(sketch.estimate()).toBeCloseTo(3, 1);
  });

  test('a null state counts as an empty sketch, and what is merged into it stays as it was', () => {
    const { combine } = parseAggregator({ type: 'hyperUnique', name: 'u', fieldName: 'x' }, 'a');
    const one = new HyperLogLog();
    const other = new HyperLogLog();
    one.addText('a');
    other.addText('b');
    const merged = combine(combine(null, one), other) as HyperLogLog;
    expect(Math.round(merged.estimate())).toBe(2);
    expect(Math.round(one.estimate())).toBe(1);
    expect(combine(one, null)).toBe(one);
  });
});

test('grouping: one bit per dimension, the first the highest', () => {
  const aggregator = parseAggregator(
    { type: 'grouping', name: 'g', groupings: ['a', 'b', 'c'] },
    'x',
  );
  if (!isGrouping(aggregator)) throw new Error('is a grouping');
  expect(aggregator.finalise(aggregator.initial())).toBe(0);
  expect(groupingId(aggregator, new Set(['a', 'b', 'c']))).toBe(0);
  expect(groupingId(aggregator, new Set(['b']))).toBe(0b101);
  expect(groupingId(aggregator, new Set())).toBe(0b111);
  expect(isGrouping(parseAggregator({ type: 'count', name: 'c' }, 'x'))).toBe(false);
});

test('filtered: takes the name of the inner one unless it has its own', () => {
  const filter = { type: 'true' };
  const inner = { type: 'count', name: 'inner' };
  const named = (spec: JsonObject) =>
    parseAggregator({ type: 'filtered', filter, ...spec }, 'x').name;
  expect(named({ aggregator: inner })).toBe('inner');
  expect(named({ aggregator: inner, name: 'outer' })).toBe('outer');
  expect(named({ aggregator: { type: 'count' }, name: 'outer' })).toBe('outer');
});

describe('bad aggregators say what is wrong', () => {
  test.each([
    { json: { type: 'nope' }, message: "aggregations[0]: Could not resolve type id 'nope'" },
    { json: { type: 'count' }, message: 'aggregations[0].name: must be given, as a text' },
    {
      json: { type: 'longSum', name: 'x' },
      message: 'aggregations[0].fieldName: want exactly one of "fieldName" and "expression"',
    },
    {
      json: { type: 'filtered', filter: { type: 'true' }, aggregator: { type: 'count' } },
      message: 'aggregations[0].aggregator.name: must be given',
    },
    {
      json: { type: 'cardinality', name: 'x', fields: [{ type: 'default' }] },
      message: 'aggregations[0].fields[0].dimension: must be given',
    },
  ])('$json', ({ json, message }) => {
    expect(() => parseAggregators([json], 'aggregations')).toThrow(UserError);
    expect(() => parseAggregators([json], 'aggregations')).toThrow(message);
  });

  test('names are unique', () => {
    const twice = [
      { type: 'count', name: 'a' },
      { type: 'count', name: 'a' },
    ];
    expect(() => parseAggregators(twice, 'aggregations')).toThrow(
      'aggregations[1].name: [a] already defined',
    );
    expect(parseAggregators(undefined, 'aggregations')).toEqual([]);
  });

  test.each(['javascript'])('%s is refused with a remedy', (type) => {
    const parse = () => parseAggregator({ type, name: 'x', fieldName: 'y' }, 'aggregations[0]');
    expect(parse).toThrow(UnsupportedError);
    expect(parse).toThrow(/ is not supported: .*use|bucket/);
  });
});
