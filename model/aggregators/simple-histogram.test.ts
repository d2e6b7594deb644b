import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { foldCells } from '../testing.js';
import type { Value, ValueType } from '../types.js';
import { shownState } from './aggregator.js';
import { parseAggregator } from './registry.js';

const read = (spec: JsonObject) =>
  parseAggregator({ type: 'histogram', name: 'h', fieldName: 'x', ...spec }, 'aggregations[0]');

function histogramOf(spec: JsonObject, type: ValueType, parts: readonly (readonly Value[])[]) {
  const aggregator = read(spec);
  const state = parts
    .map((cells) => aggregator.encode(foldCells(aggregator, type, cells)))
    .map((wire) => aggregator.decode(structuredClone(wire)))
    .reduce((a, b) => aggregator.combine(a, b), aggregator.initial());
  const shown = aggregator.finalise(state);
  expect(shownState(aggregator, state)).toEqual(shown);
  return shown;
}

test('counts between breaks, however rows lie in parts', () => {
  const number = fc.integer({ min: -12, max: 12 }).map((n) => n / 2);
  const breaks = fc
    .uniqueArray(number, { minLength: 1, maxLength: 5 })
    .map((list) => list.sort((a, b) => a - b));
  const parts = fc.array(fc.array(fc.option(number), { maxLength: 10 }), { maxLength: 4 });
  fc.assert(
    fc.property(breaks, parts, (points, cells) => {
      const known = cells.flat().filter((n) => n !== null);
      const counts = points
        .slice(1)
        .map((end, i) => known.filter((n) => n > points[i]! && n <= end).length);
      const range =
        known.length === 0 ? ['Infinity', '-Infinity'] : [Math.min(...known), Math.max(...known)];
      expect(histogramOf({ breaks: points }, 'DOUBLE', cells)).toEqual({
        breaks: points.map((n) => n + 0),
        counts,
        quantiles: range.map((n) => (typeof n === 'number' ? n + 0 : n)),
      });
    }),
  );
});

test('texts, lists and 32-bit floats', () => {
  const breaks = [0, 0.1, 10];
  const found = histogramOf({ breaks }, 'STRING', [['0.1', ['5', '0.05'], 'none', null]]);
  expect(found).toEqual({
    breaks: breaks.map(Math.fround),
    counts: [1, 1],
    quantiles: [Math.fround(0.1), 5],
  });
  expect(histogramOf({ breaks }, 'LONG', [[2n ** 60n, 1]])).toMatchObject({
    quantiles: [1, 2 ** 60],
  });
});

test('results are ordered by how many numbers they show', () => {
  const of = (cells: Value[]) => histogramOf({ breaks: [0, 10] }, 'LONG', [cells]);
  const { compare } = read({ breaks: [0] });
  expect(compare(of([1, 2]), of([1, 50, 60]))).toBeGreaterThan(0);
  expect(compare(null, of([]))).toBeLessThan(0);
});

test.each<[JsonObject, string]>([
  [{}, 'aggregations[0].breaks'],
  [{ breaks: [] }, 'breaks: must not be empty'],
  [{ breaks: ['a'] }, 'aggregations[0].breaks[0]: want a number'],
  [{ breaks: [1, 1] }, 'each greater than the one before'],
  [{ breaks: [1], fieldName: null }, 'aggregations[0].fieldName'],
])('%j is refused', (spec, message) => {
  expect(() => read(spec)).toThrow(message);
});
