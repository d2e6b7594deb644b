import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonObject, UserError } from '../../core/index.js';
import type { Variance } from '../../sketches/index.js';
import { complexType } from '../complex-types.js';
import { parsePostAggregator } from '../post-aggregators/registry.js';
import { foldCells } from '../testing.js';
import type { Value, ValueType } from '../types.js';
import type { Aggregator, State } from './aggregator.js';
import { parseAggregator } from './registry.js';

const aggregator = (settings: object = {}): Aggregator =>
  parseAggregator({ type: 'variance', name: 'x', fieldName: 'c', ...settings }, 'a');

const finalOf = (settings: object, type: ValueType, cells: readonly Value[]): Value => {
  const of = aggregator(settings);
  return of.finalise(foldCells(of, type, cells));
};

describe('variance', () => {
  test.each<[settings: object, type: ValueType, cells: Value[], expected: Value]>([
    [{}, 'LONG', [1, 2, 3, 4], 5 / 3],
    [{ estimator: 'Population' }, 'LONG', [1, 2, 3, 4], 1.25],
    [{ estimator: 'sample' }, 'DOUBLE', [1, null, 3], 2],
    [{}, 'STRING', ['1', ' 3 ', 'none', null, ''], 2],
    [{}, 'STRING', [['1', '2'], [], ['3', '4']], 5 / 3],
    [{}, 'LONG', [7], 0],
    [{}, 'LONG', [null], null],
    [{}, 'LONG', [], null],
    [{ inputType: 'long' }, 'DOUBLE', [1.9, 3.2], 2],
    [{ inputType: 'float' }, 'DOUBLE', [0.1, 0.1], 0],
    [{}, 'COMPLEX<thetaSketch>', [{}], null],
    [{}, 'LONG', [9007199254740993n, 9007199254740993n], 0],
  ])('case %#', (settings, type, cells, expected) => {
    expect(finalOf(settings, type, cells)).toEqual(expected);
  });

  test('stored, merged and sent, parts give what the whole gives', () => {
    const number = fc.option(fc.integer({ min: -1e6, max: 1e6 }), { nil: null });
    const parts = fc.array(fc.array(number, { maxLength: 8 }), { maxLength: 5 });
    const of = aggregator();
    const combining = of.combining();
    const serde = complexType('variance');
    fc.assert(
      fc.property(parts, (lists) => {
        const whole = of.finalise(foldCells(of, 'LONG', lists.flat()));
        const states = lists.map((list) => foldCells(of, 'LONG', list));
        const cells = states.map((state) => serde.decode(serde.encode(state as Variance)));
        const stored = foldCells(combining, 'COMPLEX<variance>', [...cells, null], 'x');
        const sent = states
          .map((state) => of.decode(structuredClone(of.encode(state))))
          .reduce((into, state) => of.combine(into, state), of.initial());
        for (const state of [stored, sent]) {
          const value = of.finalise(state);
          if (whole === null) expect(value).toBe(null);
          else expect(Math.abs(Number(value) - Number(whole))).toBeLessThanOrEqual(1e-3);
        }
      }),
      { numRuns: 50 },
    );
    expect(combining.spec).toMatchObject({ type: 'varianceFold', fieldName: 'x' });
    expect(parseAggregator(combining.spec, 'a').storedType).toBe('COMPLEX<variance>');
  });

  test('texts of variances are merged', () => {
    const bytes = complexType('variance').encode(
      foldCells(aggregator(), 'LONG', [1, 2]) as Variance,
    );
    expect(finalOf({}, 'STRING', [Buffer.from(bytes).toString('base64'), '3', '4'])).toBe(5 / 3);
  });

  test('bad settings', () => {
    expect(() => aggregator({ inputType: 'text' })).toThrow(UserError);
    expect(() => aggregator({ inputType: 'text' })).toThrow(/a\.inputType: want one of float/);
  });
});

describe('post-aggregators', () => {
  const of = aggregator();
  const states: Record<string, State> = {
    v: foldCells(of, 'LONG', [1, 2, 3, 4]),
    none: of.initial(),
    infinite: Number.NEGATIVE_INFINITY,
    nan: Number.NaN,
    other: 'x',
  };
  const row = {
    value: (name: string) => (name === 'v' ? 5 / 3 : (states[name] ?? null)),
    state: (name: string) => states[name] ?? null,
  };
  const evaluate = (spec: JsonObject): Value =>
    parsePostAggregator({ name: 'p', ...spec }, 'p').compile(new Map())(row);
  const constant = (value: number) => ({ type: 'constant', value });
  const access = (fieldName: string) => ({ type: 'fieldAccess', fieldName });
  const z = (a: object, b: object, c: object, d: object) => ({
    type: 'zscore2sample',
    successCount1: a,
    sample1Size: b,
    successCount2: c,
    sample2Size: d,
  });
  const deviation = (fieldName: string, more: object = {}) => ({
    type: 'stddev',
    fieldName,
    ...more,
  });

  test('standard deviation', () => {
    expect(evaluate(deviation('v'))).toBe(Math.sqrt(5 / 3));
    expect(evaluate(deviation('v', { estimator: 'population' }))).toBe(Math.sqrt(1.25));
    expect(evaluate(deviation('none'))).toBe(null);
    expect(evaluate(deviation('absent'))).toBe(null);
    expect(() => evaluate(deviation('other'))).toThrow(/p\.fieldName: want a variance/);
  });

  test('z-score of two samples', () => {
    const score = evaluate(z(constant(300), constant(500), constant(450), constant(600)));
    expect(score).toBeCloseTo(-5.32833624994041, 12);
    expect(evaluate(z(access('absent'), constant(1), constant(1), constant(1)))).toBe(null);
    expect(() => evaluate(z(constant(2), constant(1), constant(0), constant(1)))).toThrow(
      /p\.successCount1: want a count of successes from 0 to the size of the sample, 1; got 2/,
    );
  });

  // erfc(|z| / √2), as the C library has it.
  test.each([
    [0, 1],
    [1, 0.31731050786291415],
    [-1.959963984540054, 0.05],
    [2.9, 0.003731626600768077],
    [3.1, 0.0019352064264367124],
    [6, 1.9731752900754024e-9],
    [38, 5.77e-316],
  ])('p-value of z = %d', (score, expected) => {
    const value = evaluate({ type: 'pvalue2tailedZtest', zScore: constant(score) });
    expect(Number(value)).toBeCloseTo(expected, expected < 1e-6 ? 20 : 11);
  });

  test('p-value of what is no number', () => {
    const pValue = (name: string) => evaluate({ type: 'pvalue2tailedZtest', zScore: access(name) });
    expect(pValue('infinite')).toBe(0);
    expect(pValue('nan')).toBe(Number.NaN);
    expect(pValue('absent')).toBe(null);
  });
});
