import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { foldCells } from '../testing.js';
import type { Value, ValueType } from '../types.js';
import { shownState } from './aggregator.js';
import { parseAggregator } from './registry.js';

const read = (spec: JsonObject) =>
  parseAggregator({ type: 'singleValue', name: 'v', fieldName: 'x', ...spec }, 'aggregations[0]');

test.each<[string, ValueType, Value[], Value]>([
  ['LONG', 'LONG', [2n ** 60n], 2n ** 60n],
  ['long', 'STRING', ['5'], 5],
  ['STRING', 'DOUBLE', [5], '5.0'],
  ['STRING', 'STRING', [['a', 'b']], ['a', 'b']],
  ['ARRAY<LONG>', 'ARRAY<LONG>', [[1, null]], [1, null]],
  ['LONG', 'LONG', [null], null],
  ['LONG', 'LONG', [], null],
])('%s of a column of %s: %o', (columnType, type, cells, expected) => {
  const aggregator = read({ columnType });
  const state = foldCells(aggregator, type, cells);
  const others = [aggregator.initial(), state, aggregator.initial()];
  const combined = others
    .map((each) => aggregator.decode(structuredClone(aggregator.encode(each))))
    .reduce((a, b) => aggregator.combine(a, b));
  expect(aggregator.finalise(combined)).toEqual(expected);
  expect(shownState(aggregator, combined)).toEqual(expected);
});

test('a second row is an error, be they null, and wherever they lie', () => {
  const aggregator = read({ columnType: 'LONG' });
  const one = foldCells(aggregator, 'LONG', [null]);
  const message = 'aggregator "v": want a single row';
  expect(() => foldCells(aggregator, 'LONG', [null, 1])).toThrow(message);
  expect(() => aggregator.combine(one, foldCells(aggregator, 'LONG', [7]))).toThrow(message);
});

test.each<[JsonObject, string]>([
  [{}, 'aggregations[0].columnType'],
  [{ columnType: 'INT' }, 'want one of STRING'],
  [{ columnType: 'COMPLEX<json>' }, 'aggregations[0].columnType: want a type of texts'],
  [{ columnType: 'LONG', fieldName: null }, 'aggregations[0].fieldName'],
])('%j is refused', (spec, message) => {
  expect(() => read(spec)).toThrow(message);
});
