import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { type TestColumn, TestRows } from '../testing.js';
import type { Value } from '../types.js';
import { shownState } from './aggregator.js';
import { parseAggregator } from './registry.js';

type Spec = Record<string, unknown>;

const read = (spec: Spec) =>
  parseAggregator({ type: 'expression', name: 'out', fields: ['x'], ...spec }, 'aggregations[0]');

/** The aggregator's state over each part of a column `x`, combined from the left. */
function stateOf(spec: Spec, column: TestColumn, parts: readonly (readonly Value[])[]) {
  const aggregator = read(spec);
  const states = parts.map((values) => {
    const rows = new TestRows(
      { x: column },
      values.map((x) => ({ x })),
    );
    const accumulator = aggregator.accumulator(rows);
    let state = aggregator.initial();
    rows.forEach(() => {
      state = accumulator.fold(state);
    });
    return aggregator.decode(aggregator.encode(state));
  });
  const state = states.reduce(
    (a, b) => aggregator.combine(a, structuredClone(b)),
    aggregator.initial(),
  );
  return { aggregator, state };
}

function aggregate(spec: Spec, column: TestColumn, ...parts: (readonly Value[])[]): Value {
  const { aggregator, state } = stateOf(spec, column, parts);
  return aggregator.finalise(state);
}

const LONG: TestColumn = { type: 'LONG' };
const STRING: TestColumn = { type: 'STRING' };
const LISTS: TestColumn = { type: 'STRING', multiValue: true };

const SUM = { initialValue: '0', fold: '__acc + x' };
const COUNT = { ...SUM, fold: '__acc + 1', combine: '__acc + out' };
const COLLECT = {
  initialValue: 'ARRAY<STRING>[]',
  fold: 'array_append(__acc, x)',
  combine: 'array_concat(__acc, out)',
};
const TOTAL = {
  initialValue: '0.0',
  initialCombineValue: '<DOUBLE>[]',
  fold: '__acc + x',
  combine: 'array_concat(__acc, out)',
  finalize: 'fold((y, acc) -> y + acc, o, 0.0)',
};

describe('folds rows and combines results', () => {
  test.each<{ name: string; spec: Spec; column: TestColumn; parts: Value[][]; expected: Value }>([
    {
      name: 'a sum, combined by its fold',
      spec: SUM,
      column: LONG,
      parts: [[1, 2], [3]],
      expected: 6,
    },
    { name: 'a count', spec: COUNT, column: LONG, parts: [[1, null], [], [3]], expected: 3 },
    {
      name: 'a list',
      spec: COLLECT,
      column: STRING,
      parts: [['a', null], ['b']],
      expected: ['a', null, 'b'],
    },
    {
      name: 'an accumulator of another type to combine',
      spec: TOTAL,
      column: LONG,
      parts: [[1, 2], [3]],
      expected: 6,
    },
    {
      name: 'one part alone goes through combine too',
      spec: TOTAL,
      column: LONG,
      parts: [[1, 2]],
      expected: 3,
    },
    {
      name: 'lists of values, value by value',
      spec: COLLECT,
      column: LISTS,
      parts: [[['a', 'b']], ['c', null]],
      expected: ['a', 'b', 'c', null],
    },
    {
      name: 'lists of values, as arrays',
      spec: { ...COLLECT, fold: 'array_concat(__acc, x)' },
      column: LISTS,
      parts: [
        [
          ['a', 'b'],
          ['c', 'd'],
        ],
      ],
      expected: ['a', 'b', 'c', 'd'],
    },
    {
      name: 'another accumulator',
      spec: { ...SUM, fold: 'a + x', accumulatorIdentifier: 'a' },
      column: LONG,
      parts: [[4], [5]],
      expected: 9,
    },
    {
      name: 'text columns in a type of numbers',
      spec: { ...SUM, initialValue: '0' },
      column: STRING,
      parts: [['4']],
      expected: 4,
    },
  ])('$name', ({ spec, column, parts, expected }) => {
    expect(aggregate(spec, column, ...parts)).toEqual(expected);
  });

  test('how rows lie in parts does not show', () => {
    const text = fc.option(fc.string({ maxLength: 3 }), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.array(text, { maxLength: 6 }), { maxLength: 6 }), (parts) => {
        const spec = { ...COLLECT, maxSizeBytes: 10_000, isNullUnlessAggregated: false };
        expect(aggregate(spec, STRING, ...parts)).toEqual(parts.flat());
      }),
    );
  });
});

describe('nulls', () => {
  test('null unless something was aggregated, else the initial value', () => {
    expect(aggregate(SUM, LONG, [])).toBeNull();
    expect(aggregate({ ...SUM, isNullUnlessAggregated: false }, LONG, [])).toBe(0);
    expect(aggregate({ ...TOTAL, isNullUnlessAggregated: false }, LONG, [])).toBe(0);
  });

  test('null inputs are aggregated or left out', () => {
    expect(aggregate(COLLECT, STRING, [null])).toEqual([null]);
    const skipping = { ...COLLECT, shouldAggregateNullInputs: false };
    expect(aggregate(skipping, STRING, [null, 'a'], [null])).toEqual(['a']);
    expect(aggregate(skipping, STRING, [null])).toBeNull();
  });

  test('null results are combined or left out, as null inputs are unless told', () => {
    const nulling = { ...SUM, combine: 'nvl(__acc, -100) + nvl(out, 1000)' };
    expect(aggregate(nulling, LONG, [1], [null])).toBe(1001);
    const skipping = { ...nulling, shouldCombineAggregateNullInputs: false };
    expect(aggregate(skipping, LONG, [1], [null])).toBe(1);
  });
});

test('what is not finalised is shown as combined', () => {
  const { aggregator, state } = stateOf(TOTAL, LONG, [[1, 2], [3]]);
  expect(shownState(aggregator, state)).toEqual([3, 3]);
  expect(aggregator.storedType).toBe('ARRAY<DOUBLE>');
  expect(aggregator.resultType).toBe('DOUBLE');
  expect(shownState(read(SUM), null)).toBeNull();
});

test('orders by compare, or by type', () => {
  const byLength = read({ ...COLLECT, compare: 'array_length(o1) - array_length(o2)' });
  expect(byLength.compare(['z'], ['a', 'b'])).toBeLessThan(0);
  expect(read(SUM).compare(10, 9)).toBeGreaterThan(0);
});

test('a value may not outgrow its bytes', () => {
  const spec = { ...COLLECT, maxSizeBytes: 20 };
  expect(aggregate(spec, STRING, ['ab', 'cd'])).toEqual(['ab', 'cd']);
  expect(() => aggregate(spec, STRING, ['ab', 'cd', 'ef'])).toThrow(UserError);
  expect(() => aggregate(spec, STRING, ['ab', 'cd'], ['ef'])).toThrow(/26 bytes.*maxSizeBytes, 20/);
});

test.each([
  { change: { fold: undefined }, message: 'aggregations[0].fold' },
  { change: { fold: '__acc +' }, message: 'aggregations[0].fold' },
  { change: { fold: '__acc + y' }, message: '"y" is not known here; list it in "fields"' },
  { change: { initialValue: 'x' }, message: 'want a constant' },
  { change: { fields: ['x', 'y'] }, message: 'aggregations[0].combine: must be given unless' },
  { change: { combine: '__acc + x' }, message: '"x" is not known here; it reads __acc and out' },
  { change: { finalize: 'o + x' }, message: 'aggregations[0].finalize' },
  { change: { compare: 'o1 - o' }, message: 'it reads o1 and o2' },
  { change: { maxSizeBytes: 9 }, message: 'maxSizeBytes: want 10 or more; got 9' },
  { change: { fields: 'x' }, message: 'fields: want a list of column names' },
])('names what is wrong: $message', ({ change, message }) => {
  expect(() => read({ ...SUM, ...change })).toThrow(message);
});
