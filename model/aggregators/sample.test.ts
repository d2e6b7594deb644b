import { describe, expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { complexType } from '../complex-types.js';
import { TestRows } from '../testing.js';
import type { Value, ValueType } from '../types.js';
import type { Aggregator, State } from './aggregator.js';
import { parseAggregator } from './registry.js';

const aggregator = (type: string, settings: object = {}): Aggregator =>
  parseAggregator({ type, name: 'x', fieldName: 'c', ...settings }, 'a');

function fold(
  into: Aggregator,
  type: ValueType,
  cells: readonly Value[],
  { column = 'c', weights = [] as readonly Value[], from = 0 } = {},
): State {
  const rows = new TestRows(
    { [column]: { type, multiValue: true }, w: { type: 'DOUBLE' }, __time: { type: 'LONG' } },
    cells.map((cell, i) => ({ [column]: cell, w: weights[i] ?? null, __time: from + i })),
  );
  const accumulator = into.accumulator(rows);
  let state = into.initial();
  rows.forEach(() => {
    state = accumulator.fold(state);
  });
  return state;
}

const uniform = aggregator('reservoirSample', { maxNumSamples: 4 });
const serde = complexType('reservoirSample');

test('a sample of few is all of them, ascending, by type', () => {
  const finalOf = (settings: object, type: ValueType, cells: readonly Value[]) => {
    const of = aggregator('reservoirSample', settings);
    return of.finalise(fold(of, type, cells));
  };
  expect(finalOf({}, 'STRING', ['b', ['c', 'a'], null, 'a', ''])).toEqual(['', 'a', 'a', 'b', 'c']);
  expect(finalOf({}, 'DOUBLE', [2, 0.5])).toEqual(['0.5', '2.0']);
  const big = 9007199254740993n;
  expect(finalOf({ valueType: 'LONG' }, 'LONG', [big, 7, -1, null])).toEqual([-1, 7, big]);
  expect(finalOf({ valueType: 'DOUBLE' }, 'STRING', ['1.5', 'no', '-1'])).toEqual([-1, 1.5]);
  expect(finalOf({}, 'STRING', [])).toEqual([]);
  expect(uniform.resultType).toBe('ARRAY<STRING>');
});

test('one of many is as large as was asked for, and the same for the same rows and seed', () => {
  const cells = Array.from({ length: 500 }, (_, i) => `${i}`);
  const sampleOf = (seed: number, of = aggregator('reservoirSample', { seed })) =>
    of.finalise(fold(of, 'STRING', cells)) as string[];
  expect(sampleOf(1)).toHaveLength(64);
  expect(new Set(sampleOf(1)).size).toBe(64);
  expect(sampleOf(1)).toEqual(sampleOf(1));
  expect(sampleOf(2)).not.toEqual(sampleOf(1));
});

test('equal rows of other times are chosen otherwise', () => {
  const cells = Array.from({ length: 500 }, (_, i) => i);
  const of = aggregator('reservoirSample', { valueType: 'LONG' });
  const [a, b] = [0, 86_400_000].map((from) => of.finalise(fold(of, 'LONG', cells, { from })));
  expect(a).not.toEqual(b);
});

describe('rolled up', () => {
  test('cells of one row are merged into a uniform sample', () => {
    const combining = uniform.combining();
    const found = new Array<number>(10).fill(0);
    const rounds = 2000;
    for (let from = 0; from < rounds; from++) {
      const cells = found.map((_, i) => {
        const state = fold(uniform, 'STRING', [`${i}`], { from: from + i });
        return serde.decode(serde.encode(state as object));
      });
      const state = fold(combining, uniform.storedType, [...cells, null], { column: 'x' });
      for (const value of uniform.finalise(state) as string[]) found[Number(value)]!++;
    }
    const bound = 5 * Math.sqrt(rounds * 0.4 * 0.6);
    for (const count of found) expect(Math.abs(count - rounds * 0.4)).toBeLessThan(bound);
  });

  test('weighted ones need no weights any more', () => {
    const weighted = aggregator('weightedSample', { maxNumSamples: 1, weightFieldName: 'w' });
    const combining = weighted.combining();
    expect(combining.inputs).toEqual(['x', '__time']);
    expect(parseAggregator(combining.spec, 'a').spec).toEqual(combining.spec);
    let heavy = 0;
    const rounds = 2000;
    for (let from = 0; from < rounds; from++) {
      const states = ['light', 'heavy'].map((cell, i) =>
        fold(weighted, 'STRING', [cell], { weights: [1 + 2 * i], from }),
      );
      const [value] = combining.finalise(
        states.reduce((a, b) => combining.combine(a, combining.decode(combining.encode(b)))),
      ) as string[];
      if (value === 'heavy') heavy++;
    }
    expect(Math.abs(heavy - rounds * 0.75)).toBeLessThan(5 * Math.sqrt(rounds * 0.75 * 0.25));
  });
});

test('rows without a weight of more than 0 do not count', () => {
  const weighted = aggregator('weightedSample', { weightFieldName: 'w' });
  const weights = [1, 0, -1, null, Number.NaN, Number.POSITIVE_INFINITY, 2];
  const state = fold(weighted, 'STRING', ['a', 'b', 'c', 'd', 'e', 'f', 'g'], { weights });
  expect(weighted.finalise(state)).toEqual(['a', 'g']);
  expect(weighted.inputs).toEqual(['c', '__time', 'w']);
});

test('samples are ordered by how many values they stand for; values as lists', () => {
  const sketches = aggregator('reservoirSample', { maxNumSamples: 1, shouldFinalize: false });
  const [few, many] = [['z'], ['a', 'b']].map((cells) => fold(sketches, 'STRING', cells));
  expect(sketches.compare(few!, many!)).toBeLessThan(0);
  expect(uniform.compare(['a'], ['b'])).toBeLessThan(0);
});

test('values of two types do not meet', () => {
  const longs = aggregator('reservoirSample', { valueType: 'LONG' });
  const [a, b] = [fold(uniform, 'STRING', ['a']), fold(longs, 'LONG', [10, 9])];
  expect(() => uniform.combine(a, b)).toThrow(/want samples of values of one type/);
  expect(() => longs.finalise(a)).toThrow(/x\.valueType: want STRING, as of the samples; got LONG/);
  expect(uniform.finalise(b)).toEqual(['10', '9']);
});

test.each([
  ['reservoirSample', { maxNumSamples: 0 }, /a\.maxNumSamples: want 1 to 65536/],
  ['reservoirSample', { valueType: 'FLOAT' }, /a\.valueType: want one of STRING, LONG, DOUBLE/],
  ['weightedSample', {}, /a\.weightFieldName/],
])('%s of %j is refused', (type, settings, says) => {
  expect(() => aggregator(type, settings)).toThrow(UserError);
  expect(() => aggregator(type, settings)).toThrow(says);
});
