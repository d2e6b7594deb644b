import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAggregator } from '../../aggregators/registry.js';
import { foldCells, TestRows } from '../../testing.js';
import type { Value, ValueType } from '../../types.js';
import { parseExpression } from '../expression.js';

interface Sketch {
  toBytes(): Uint8Array;
}

/** What the aggregator makes of a column, as bytes. */
const sketchOf = (type: ValueType, cells: readonly Value[]) =>
  foldCells(
    parseAggregator({ type: 'hyperUnique', name: 'u', fieldName: 'x' }, ''),
    type,
    cells,
  ) as Value;

const bytes = (sketch: Value) => Buffer.from((sketch as unknown as Sketch).toBytes());

/** The fold of rows by an `expression` aggregator: in parts that cross a thread and are combined. */
function folded(type: ValueType, parts: readonly (readonly Value[])[], finalize?: string): Value {
  const spec = {
    type: 'expression',
    name: 'u',
    fields: ['x'],
    initialValue: 'hyper_unique()',
    fold: 'hyper_unique_add(x, __acc)',
    isNullUnlessAggregated: false,
    finalize,
  };
  const aggregator = parseAggregator(spec, '');
  const state = parts
    .map((cells) => aggregator.encode(foldCells(aggregator, type, cells, 'x')))
    .map((wire) => aggregator.decode(structuredClone(wire)))
    .reduce((a, b) => aggregator.combine(a, b), aggregator.initial());
  return aggregator.finalise(state);
}

const CELLS: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  STRING: fc.option(
    fc.oneof(fc.string({ maxLength: 3 }), fc.array(fc.option(fc.string()), { minLength: 2 })),
  ),
  LONG: fc.option(fc.oneof(fc.integer(), fc.constant(2n ** 60n))),
  DOUBLE: fc.option(fc.double()),
  'ARRAY<LONG>': fc.option(fc.array(fc.option(fc.integer()))),
};

test.each(Object.entries(CELLS))('%s: adding is what the aggregator does', (type, cell) => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 4 }), (parts) => {
      const expected = sketchOf(type as ValueType, parts.flat());
      expect(bytes(folded(type as ValueType, parts))).toEqual(bytes(expected));
    }),
    { numRuns: 50 },
  );
});

const SKETCH = sketchOf('LONG', [1, 2, 3]);
const ROWS = new TestRows({ u: { type: 'COMPLEX<hyperUnique>' }, l: { type: 'LONG' } }, [
  { u: SKETCH, l: 4 },
  { l: 4 },
  { u: SKETCH },
  {},
]);

test.each<[string, ValueType, Value[]]>([
  ['hyper_unique_round_estimate(u)', 'LONG', [3, null, 3, null]],
  ['hyper_unique_round_estimate(hyper_unique_add(l, u))', 'LONG', [4, 1, 3, 0]],
  ['hyper_unique_round_estimate(hyper_unique_add(u, hyper_unique()))', 'LONG', [3, 0, 3, 0]],
  ['hyper_unique_round_estimate(hyper_unique_add([1, 7], u))', 'LONG', [4, 2, 4, 2]],
  ['hyper_unique_round_estimate(hyper_unique_add(missing, missing))', 'LONG', [0, 0, 0, 0]],
  ['hyper_unique_estimate(hyper_unique())', 'DOUBLE', [0, 0, 0, 0]],
])('%s', (text, type, values) => {
  const reader = parseExpression(text).compile(ROWS);
  expect(reader.type).toBe(type);
  for (const _ of [1, 2]) expect(ROWS.map(() => reader.get())).toEqual(values);
});

test('an estimate has a fraction, and nobody writes to a sketch that is read', () => {
  const estimate = parseExpression('hyper_unique_estimate(u)').compile(ROWS);
  ROWS.row = 0;
  expect(estimate.get()).toBeCloseTo(3, 1);
  expect(Number.isInteger(estimate.get())).toBe(false);
  expect(folded('LONG', [[1, 2], [2]], 'hyper_unique_round_estimate(o)')).toBe(2);
});

test.each([
  ['hyper_unique(l)', 'is called as hyper_unique(); got 1 argument'],
  ['hyper_unique_add(l, l)', 'takes COMPLEX<hyperUnique>, got LONG'],
  ["hyper_unique_estimate('a')", 'takes COMPLEX<hyperUnique>, got STRING'],
  ['hyper_unique_round_estimate(l)', 'takes COMPLEX<hyperUnique>, got LONG'],
])('%s is refused', (text, message) => {
  expect(() => parseExpression(text).compile(ROWS)).toThrow(message);
});
