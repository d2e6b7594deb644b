import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ResourceLimitError } from '../../core/index.js';
import { foldCells, TestRows } from '../testing.js';
import type { Value, ValueType } from '../types.js';
import { shownState } from './aggregator.js';
import { parseAggregator } from './registry.js';

const AGGREGATOR = parseAggregator({ type: 'distinctCount', name: 'd', fieldName: 'x' }, '');

function countOf(type: ValueType, parts: readonly (readonly Value[])[]): Value {
  const state = parts
    .map((cells) => AGGREGATOR.encode(foldCells(AGGREGATOR, type, cells)))
    .map((wire) => AGGREGATOR.decode(structuredClone(wire)))
    .reduce((a, b) => AGGREGATOR.combine(a, b), AGGREGATOR.initial());
  expect(shownState(AGGREGATOR, state)).toBe(AGGREGATOR.finalise(state));
  return AGGREGATOR.finalise(state);
}

test('exact, whatever the parts: elements of lists, nulls left out', () => {
  const text = fc.option(fc.constantFrom('', 'a', 'b', 'A', '\u{1F600}'));
  const cell = fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 4 }), (parts) => {
      const all = parts.flat().flat();
      expect(countOf('STRING', parts)).toBe(new Set(all.filter((each) => each !== null)).size);
    }),
  );
});

test.each<[ValueType, Value[], number]>([
  ['LONG', [1, 2n ** 60n, 2n ** 60n + 1n, 1, null], 3],
  ['DOUBLE', [0.5, Number.NaN, Number.NaN, 1], 3],
  ['ARRAY<LONG>', [[1, 2], [2, 3], [], null], 3],
  ['COMPLEX<json>', [{}], 0],
  ['LONG', [], 0],
])('%s %o', (type, cells, count) => {
  expect(countOf(type, [cells])).toBe(count);
});

test('a million is the most', () => {
  const full = AGGREGATOR.decode(Array.from({ length: 1_000_000 }, (_, i) => String(i)));
  const rows = new TestRows({ x: { type: 'STRING' } }, [{ x: '7' }, { x: 'a' }]);
  const { fold } = AGGREGATOR.accumulator(rows);
  expect(AGGREGATOR.finalise(fold(full))).toBe(1_000_000);
  rows.row = 1;
  expect(() => fold(full)).toThrow('more than 1000000 distinct values');
  expect(() => AGGREGATOR.combine(full, AGGREGATOR.decode(['b']))).toThrow(ResourceLimitError);
});

test('a field is needed', () => {
  expect(() => parseAggregator({ type: 'distinctCount', name: 'd' }, 'aggregations[0]')).toThrow(
    'aggregations[0].fieldName',
  );
});
