import { describe, expect, test } from 'vitest';
import { SeededRandom, UserError } from '../../core/index.js';
import { complexType } from '../complex-types.js';
import { parsePostAggregator } from '../post-aggregators/registry.js';
import { foldCells } from '../testing.js';
import { complexName, isComplexType, type Value } from '../types.js';
import type { Aggregator, State } from './aggregator.js';
import { parseAggregator } from './registry.js';

const aggregator = (type: string, settings: object = {}): Aggregator =>
  parseAggregator({ type, name: 'x', fieldName: 'c', ...settings }, 'a');

/** What a result shows, as JSON. */
const shown = (of: Aggregator, state: State): unknown =>
  JSON.parse(JSON.stringify(of.finalise(state)));

const entry = (value: Value, count: number) => ({ value, atLeast: count, atMost: count });

const LISTS = [
  ['topKSketch', { k: 2 }],
  ['lossyCountingSketch', { share: 0.3 }],
  ['countMinHeavyHitters', { share: 0.3 }],
] as const;

describe.each(LISTS)('%s', (type, settings) => {
  const of = aggregator(type, settings);

  test('lists values by how often they came, texts or longs', () => {
    const cells = ['a', ['b', 'a'], null, 'b', 'a', ''];
    expect(shown(of, foldCells(of, 'STRING', cells))).toEqual([entry('a', 3), entry('b', 2)]);
    expect(shown(of, foldCells(of, 'DOUBLE', [0.5, 0.5]))).toEqual([entry('0.5', 2)]);
    const longs = aggregator(type, { ...settings, valueType: 'LONG' });
    const big = 9007199254740993n;
    const state = foldCells(longs, 'LONG', [big, 7, big, null]);
    expect(longs.finalise(state)).toMatchObject({ value: [entry(big, 2), entry(7, 1)] });
    expect(shown(longs, foldCells(longs, 'STRING', ['7', 'no number']))).toEqual([entry(7, 1)]);
    expect(shown(of, foldCells(of, 'STRING', []))).toEqual([]);
    expect(shown(of, null)).toEqual([]);
  });

  test('rolled up, stored and merged it is what it is of all rows', () => {
    const stored = of.storedType;
    if (!isComplexType(stored)) throw new Error('no sketch');
    const serde = complexType(complexName(stored));
    const parts = [['a', 'a', 'b'], ['b', 'c', 'a'], []].map((cells) =>
      foldCells(of, 'STRING', cells),
    );
    const cells = parts.map((state) => serde.decode(serde.encode(state as object)));
    const whole = shown(of, foldCells(of, 'STRING', ['a', 'a', 'b', 'b', 'c', 'a']));
    const combining = of.combining();
    expect(combining.inputs).toEqual(['x']);
    expect(shown(combining, foldCells(combining, stored, [...cells, null], 'x'))).toEqual(whole);
    const merged = parts.reduce((a, b) => of.combine(a, of.decode(of.encode(b))), of.initial());
    expect(shown(of, merged)).toEqual(whole);
    expect(shown(of, foldCells(of, 'COMPLEX<thetaSketch>', [{}]))).toEqual([]);
  });

  test('results are ordered by how much they count', () => {
    const final = (cells: Value[], by: Aggregator) => by.finalise(foldCells(by, 'STRING', cells));
    const sketches = aggregator(type, { ...settings, shouldFinalize: false });
    for (const by of [of, sketches]) {
      const [few, many] = [final(['a'], by), final(['a', 'a'], by)];
      expect(by.compare(few, many)).toBeLessThan(0);
      expect(by.compare(null, few)).toBeLessThan(0);
    }
    expect(sketches.resultType).toBe(of.storedType);
  });

  test('texts and longs are not merged', () => {
    const texts = foldCells(of, 'STRING', ['a']);
    const longs = foldCells(aggregator(type, { ...settings, valueType: 'LONG' }), 'LONG', [1]);
    expect(() => of.combine(texts, longs)).toThrow(UserError);
    expect(() => of.combine(texts, longs)).toThrow(/want sketches of values of one type/);
  });
});

test('heavy values of many are found, whatever the parts', () => {
  const random = new SeededRandom(1);
  const values = Array.from({ length: 20_000 }, () =>
    Math.floor(3000 / (1 + (random.nextUint32() % 3000))),
  );
  const heavy = new Map<number, number>();
  for (const value of values) heavy.set(value, (heavy.get(value) ?? 0) + 1);
  const wanted = [...heavy].filter(([, count]) => count >= 200).map(([value]) => value);
  for (const type of ['lossyCountingSketch', 'countMinHeavyHitters']) {
    const of = aggregator(type, { valueType: 'LONG' });
    const parts = [0, 1, 2, 3].map((i) => values.slice(i * 5000, (i + 1) * 5000));
    const states = parts.map((cells) => foldCells(of, 'LONG', cells));
    const listed = shown(
      of,
      states.reduce((a, b) => of.combine(a, b)),
    );
    const found = (listed as { value: number }[]).map(({ value }) => value);
    expect(found).toEqual(expect.arrayContaining(wanted));
  }
});

describe('countMinSketch', () => {
  const of = aggregator('countMinSketch');
  const cells: Value[] = ['a', ['b', 'a'], null, 7];

  test('counts values, and is as large as it has to be', () => {
    const state = foldCells(of, 'STRING', cells);
    expect(of.finalise(state)).toBe(4);
    expect((of.encode(state) as Uint8Array).length).toBe(16 + 3 * 12);
    const frequency = (value: Value) =>
      parsePostAggregator(
        {
          type: 'countMinSketchToFrequency',
          name: 'p',
          field: { type: 'fieldAccess', fieldName: 'x' },
          value,
        },
        'p',
      ).compile(new Map())({ value: () => 4, state: () => state });
    expect(['a', 'b', 7, 'c'].map(frequency)).toEqual([2, 1, 1, 0]);
  });

  test.each([false, true])('rolled up and merged it is that of all rows: %s', (conservative) => {
    const settings = { width: 64, depth: 2, conservative };
    const by = aggregator('countMinSketch', { ...settings, shouldFinalize: false });
    const parts = [0, 1, 2].map((i) => Array.from({ length: 60 }, (_, j) => (i * 13 + j) % 50));
    const states = parts.map((longs) => foldCells(by, 'LONG', longs));
    const combining = by.combining();
    const stored = foldCells(combining, 'COMPLEX<countMinSketch>', [...states, null], 'x');
    const whole = foldCells(by, 'LONG', parts.flat());
    expect(stored).toMatchObject({ total: 180 });
    if (!conservative) expect(combining.encode(stored)).toEqual(by.encode(whole));
    expect(by.compare(states[0]!, by.finalise(stored))).toBeLessThan(0);
  });

  test('of two shapes is refused', () => {
    const other = foldCells(aggregator('countMinSketch', { width: 8 }), 'LONG', [1]);
    expect(() => of.combine(foldCells(of, 'LONG', [1]), other)).toThrow(
      /same width, depth and kind/,
    );
  });
});

test('sketches of other settings are not merged', () => {
  for (const type of ['lossyCountingSketch', 'countMinHeavyHitters']) {
    const [a, b] = [0.1, 0.2].map((share) => aggregator(type, { share }));
    const merge = () => a!.combine(foldCells(a!, 'STRING', ['a']), foldCells(b!, 'STRING', ['b']));
    expect(merge).toThrow(UserError);
    expect(merge).toThrow(/made with the same settings/);
  }
});

test.each([
  ['topKSketch', { k: 0 }, /a\.k: want 1 to/],
  ['topKSketch', { k: 10, capacity: 5 }, /a\.capacity: want 10, the k, or more; got 5/],
  ['topKSketch', { valueType: 'DOUBLE' }, /a\.valueType: want one of STRING, LONG/],
  ['countMinSketch', { width: 0 }, /a\.width: want 1 to 65536/],
  ['countMinSketch', { depth: 17 }, /a\.depth: want 1 to 16/],
  ['lossyCountingSketch', { share: 0 }, /a\.share: want more than 0/],
  ['lossyCountingSketch', { error: 1e-9 }, /a\.error: want 1e-6 to 0\.01, the share; got 1e-9/],
  ['countMinHeavyHitters', { share: 2 }, /a\.share: want more than 0, at most 1/],
  ['countMinHeavyHitters', { width: 0 }, /a\.width: want 1 to 65536/],
])('%s of %j is refused', (type, settings, says) => {
  expect(() => aggregator(type, settings)).toThrow(UserError);
  expect(() => aggregator(type, settings)).toThrow(says);
});
