import { describe, expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { HllSketch, hllImage, QuantilesSketch, ThetaSketch } from '../../sketches/index.js';
import { complexType } from '../complex-types.js';
import type { ResultTypes } from '../post-aggregators/post-aggregator.js';
import { parsePostAggregator } from '../post-aggregators/registry.js';
import { TestRows } from '../testing.js';
import { complexName, isComplexType, type Value, type ValueType } from '../types.js';
import type { Aggregator, State } from './aggregator.js';
import { parseAggregator } from './registry.js';

const aggregator = (type: string, settings: object = {}): Aggregator =>
  parseAggregator({ type, name: 'x', fieldName: 'c', ...settings }, 'a');

function fold(into: Aggregator, type: ValueType, cells: readonly Value[]): State {
  const rows = new TestRows(
    { c: { type, multiValue: true } },
    cells.map((c) => ({ c })),
  );
  const accumulator = into.accumulator(rows);
  let state = into.initial();
  rows.forEach(() => {
    state = accumulator.fold(state);
  });
  return state;
}

const finalOf = (of: Aggregator, type: ValueType, cells: readonly Value[]): Value =>
  of.finalise(fold(of, type, cells));

/** The base64 of a state, as results show it. */
function base64(of: Aggregator, state: State): string {
  if (!isComplexType(of.storedType)) throw new Error('no sketch');
  const bytes = complexType(complexName(of.storedType)).encode(state as object);
  return Buffer.from(bytes).toString('base64');
}

describe('distinct counts', () => {
  test.each(['thetaSketch', 'HLLSketchBuild'])('%s counts elements by type', (type) => {
    const count = (of: ValueType, cells: readonly Value[]) =>
      Math.round(Number(finalOf(aggregator(type), of, cells)));
    expect(count('STRING', ['a', 'b', 'a', null, '', ['b', 'c', null]])).toBe(3);
    expect(count('LONG', [1, 2, 2, null, 9007199254740993n])).toBe(3);
    expect(count('DOUBLE', [0, -0, 1.5, Number.NaN])).toBe(3);
    expect(count('ARRAY<LONG>', [[1, 2], [2]])).toBe(2);
    expect(count('STRING', [])).toBe(0);
    // A raw field may show numbers beside texts: each counts as what it is.
    expect(count('STRING', [1, '1', 1.5])).toBe(3);
  });

  test('texts are hashed as UTF-16, unless told otherwise', () => {
    const image = (stringEncoding: string) => {
      const of = aggregator('HLLSketchBuild', { stringEncoding });
      return base64(of, fold(of, 'STRING', ['é']));
    };
    // As DataSketches hashes char[] and String.
    expect(image('utf8')).not.toBe(image('utf16le'));
  });

  test('what the result shows', () => {
    const cells = ['a', 'b'];
    expect(finalOf(aggregator('HLLSketchBuild'), 'STRING', cells)).toBe(2.000000004967054);
    expect(finalOf(aggregator('HLLSketchBuild', { round: true }), 'STRING', cells)).toBe(2);
    expect(finalOf(aggregator('thetaSketch'), 'STRING', cells)).toBe(2);
    expect(finalOf(aggregator('thetaSketch', { errorBoundsStdDev: 2 }), 'STRING', cells)).toEqual({
      estimate: 2,
      highBound: 2,
      lowBound: 2,
      numStdDev: 2,
    });
    const shown = finalOf(aggregator('thetaSketch', { shouldFinalize: false }), 'STRING', cells);
    expect(shown).toBeInstanceOf(ThetaSketch);
  });

  test.each([
    ['estimates', {}],
    ['bounds', { errorBoundsStdDev: 2 }],
    ['sketches', { shouldFinalize: false }],
  ])('results that show %s are ordered by the estimate', (_, settings) => {
    const theta = aggregator('thetaSketch', settings);
    const [few, many] = [['a'], ['a', 'b']].map((cells) => finalOf(theta, 'STRING', cells));
    expect(theta.compare(few!, many!)).toBeLessThan(0);
    expect(theta.compare(many!, few!)).toBeGreaterThan(0);
  });

  test('sketches made elsewhere are merged, as texts and as a column', () => {
    const theta = aggregator('thetaSketch');
    const text = base64(theta, fold(theta, 'STRING', ['a', 'b']));
    const other = base64(theta, fold(theta, 'STRING', ['b', 'c']));
    const reading = aggregator('thetaSketch', { isInputThetaSketch: true });
    expect(finalOf(reading, 'STRING', [text, other, null, ''])).toBe(3);
    const bad = () => finalOf(reading, 'STRING', ['no sketch']);
    expect(bad).toThrow(UserError);
    expect(bad).toThrow(/^column "\w+": want a sketch as base64; got "no sketch": damaged theta/);
    const cells = [fold(theta, 'STRING', ['a']), null, fold(theta, 'STRING', ['b'])];
    expect(finalOf(theta, 'COMPLEX<thetaSketch>', cells)).toBe(2);
    expect(finalOf(theta, 'COMPLEX<HLLSketch>', [new HllSketch(4)])).toBe(0);
    const hll = aggregator('HLLSketchBuild');
    const image = Buffer.from(hllImage(fold(hll, 'LONG', [1, 2, 3]) as HllSketch));
    const merging = aggregator('HLLSketchMerge', { round: true });
    expect(finalOf(merging, 'STRING', [image.toString('base64')])).toBe(3);
  });

  test('estimates of a sketch do not depend on the order of rows, or on how they were cut', () => {
    const values = Array.from({ length: 3000 }, (_, i) => `user ${i}`);
    const hll = aggregator('HLLSketchBuild', { lgK: 8 });
    const whole = finalOf(hll, 'STRING', values);
    const halves = [values.slice(1000), values.slice(0, 1000)];
    const [a, b] = halves.map((cells) => fold(hll, 'STRING', cells));
    expect(hll.finalise(hll.combine(a!, hll.decode(hll.encode(b!))))).toBe(whole);
    expect(finalOf(hll, 'STRING', values.toReversed())).toBe(whole);
  });
});

const QUANTILES_KINDS = ['quantilesDoublesSketch', 'KllDoublesSketch', 'KllFloatsSketch'];

test.each(QUANTILES_KINDS)('%s takes numbers, texts of numbers, and sketches', (kind) => {
  const of = aggregator(kind);
  const text = base64(of, fold(of, 'DOUBLE', [1, 2]));
  const state = fold(of, 'STRING', ['3', ' 4.5 ', text, 'no number', null, ['5', '6'], 7]);
  expect(of.finalise(state)).toBe(7);
  expect(state).toMatchObject({ n: 7, min: 1, max: 7 });
});

test.each([
  ['thetaSketch', { size: 5 }, /a\.size: want 16 to/],
  ['thetaSketch', { errorBoundsStdDev: 4 }, /errorBoundsStdDev: want 1 to 3/],
  ['HLLSketchBuild', { lgK: 22 }, /a\.lgK: want 4 to 21/],
  ['HLLSketchBuild', { tgtHllType: 'HLL_5' }, /want one of HLL_4/],
  ['HLLSketchMerge', { stringEncoding: 'utf32' }, /stringEncoding/],
  ['quantilesDoublesSketch', { k: 100 }, /a\.k: want a power of 2/],
  ['KllFloatsSketch', { k: 7 }, /a\.k: want 8 to 65535/],
])('%s of %j is refused', (type, settings, says) => {
  expect(() => aggregator(type, settings)).toThrow(UserError);
  expect(() => aggregator(type, settings)).toThrow(says);
});

describe('post-aggregators', () => {
  const theta = aggregator('thetaSketch');
  const hll = aggregator('HLLSketchBuild');
  const quantiles = aggregator('quantilesDoublesSketch');
  const states: Record<string, State> = {
    t1: fold(theta, 'STRING', ['a', 'b', 'c']),
    t2: fold(theta, 'STRING', ['b', 'c', 'd']),
    t3: fold(theta, 'STRING', ['c']),
    h1: fold(hll, 'STRING', ['a', 'b']),
    h2: fold(hll, 'STRING', ['b', 'c']),
    q: fold(quantiles, 'LONG', [1, 2, 3, 4, 5, 6]),
    kll: fold(aggregator('KllDoublesSketch'), 'LONG', [1, 2, 3, 4, 5, 6]),
    floats: fold(aggregator('KllFloatsSketch'), 'DOUBLE', [0.1]),
    none: fold(quantiles, 'LONG', []),
    text: 'x',
  };
  const finals: Record<string, Value> = { t1: 3, h1: 2, q: 6 };
  const row = {
    value: (name: string) => finals[name] ?? null,
    state: (name: string) => states[name] ?? null,
  };
  const types: ResultTypes = new Map<string, ValueType>([['t1', 'DOUBLE']]);
  const access = (fieldName: string) => ({ type: 'fieldAccess', fieldName });
  const evaluate = (spec: object): Value =>
    parsePostAggregator({ name: 'p', ...spec }, 'p').compile(types)(row);
  const of = (type: string, name: string, more: object = {}) => ({
    type,
    field: access(name),
    ...more,
  });
  const setOf = (func: string, ...names: string[]) => ({
    type: 'thetaSketchSetOp',
    func,
    fields: names.map(access),
  });
  const sized = (field: object) => ({ type: 'thetaSketchEstimate', field });
  const constant = { type: 'thetaSketchConstant', value: base64(theta, states.t1!) };

  test.each<[spec: object, expected: Value]>([
    [of('thetaSketchEstimate', 't1'), 3],
    [
      of('thetaSketchEstimate', 't1', { errorBoundsStdDev: 1 }),
      { estimate: 3, highBound: 3, lowBound: 3, numStdDev: 1 },
    ],
    [sized(setOf('UNION', 't1', 't2')), 4],
    [sized(setOf('INTERSECT', 't1', 't2', 't3')), 1],
    [sized(setOf('NOT', 't1', 't2')), 1],
    [sized(constant), 3],
    [of('thetaSketchEstimate', 'absent'), null],
    [of('HLLSketchToEstimate', 'h1', { round: true }), 2],
    [of('HLLSketchEstimate', 'h1'), 2.000000004967054],
    [
      of('HLLSketchToEstimateWithBounds', 'h1', { numStdDev: 2 }),
      [2.000000004967054, 2, 2.0001997319422404],
    ],
    [
      of('HLLSketchToEstimate', '', {
        round: true,
        field: { type: 'HLLSketchUnion', fields: [access('h1'), access('h2')] },
      }),
      3,
    ],
    [of('quantilesDoublesSketchToQuantile', 'q', { fraction: 0.5 }), 4],
    [of('quantilesDoublesSketchToQuantiles', 'q', { fractions: [0, 0.5, 1] }), [1, 4, 6]],
    [of('quantilesDoublesSketchToRank', 'q', { value: 4 }), 0.5],
    [of('quantilesDoublesSketchToCDF', 'q', { splitPoints: [4] }), [0.5, 1]],
    [of('quantilesDoublesSketchToHistogram', 'q', { splitPoints: [2.5, 5] }), [2, 2, 2]],
    [of('quantilesDoublesSketchToQuantile', 'none', { fraction: 0.5 }), Number.NaN],
    [of('KllDoublesSketchToQuantile', 'kll', { fraction: 0.5 }), 4],
    [of('KllDoublesSketchToQuantiles', 'kll', { fractions: [0, 0.5, 1] }), [1, 4, 6]],
    [of('KllDoublesSketchToRank', 'kll', { value: 4 }), 0.5],
    [of('KllDoublesSketchToCDF', 'kll', { splitPoints: [4] }), [0.5, 1]],
    [of('KllDoublesSketchToHistogram', 'kll', { splitPoints: [2.5, 5] }), [2, 2, 2]],
    [of('KllFloatsSketchToQuantile', 'floats', { fraction: 0.5 }), Math.fround(0.1)],
    // A number computed from a sketch, beside one that is finalised.
    [
      {
        type: 'arithmetic',
        fn: '+',
        fields: [of('thetaSketchEstimate', 't2'), access('t1'), access('h1')],
      },
      8,
    ],
  ])('%j', (spec, expected) => {
    expect(evaluate(spec)).toEqual(expected);
  });

  test('histograms of so many bins', () => {
    const histogram = of('quantilesDoublesSketchToHistogram', 'q', { numBins: 2 });
    expect((evaluate(histogram) as number[]).map(Math.round)).toEqual([3, 3]);
    expect(evaluate(of('quantilesDoublesSketchToHistogram', 'q'))).toHaveLength(10);
  });

  test('sketches in words', () => {
    expect(evaluate(of('thetaSketchToString', 't1'))).toMatch(/Theta sketch[\s\S]*kept hashes +3/);
    expect(evaluate(of('HLLSketchToString', 'h1'))).toMatch(/HLL sketch[\s\S]*coupons/);
    expect(evaluate(of('quantilesDoublesSketchToString', 'q'))).toMatch(/n +6/);
    expect(evaluate(of('KllDoublesSketchToString', 'kll'))).toMatch(/k +200[\s\S]*n +6/);
  });

  test.each([
    [of('thetaSketchEstimate', 'h1'), /p\.field: want a theta sketch; build one/],
    [of('HLLSketchToEstimate', 'text'), /want an HLL sketch; .*got "x"/],
    [setOf('XOR', 't1', 't2'), /p\.func: want one of UNION/],
    [setOf('UNION', 't1'), /p\.fields: want at least two/],
    [{ type: 'thetaSketchConstant', value: 'AQ==' }, /p\.value: want a theta sketch as base64/],
    [of('quantilesDoublesSketchToQuantile', 'q', { fraction: 2 }), /from 0 to 1/],
    [of('quantilesDoublesSketchToCDF', 'q', { splitPoints: [2, 1] }), /greater than the one/],
    [of('quantilesDoublesSketchToHistogram', 'q', { numBins: 1 }), /at least 2 bins/],
    [
      of('quantilesDoublesSketchToHistogram', 'q', { numBins: 2, splitPoints: [1] }),
      /either this or numBins/,
    ],
    [of('HLLSketchToEstimateWithBounds', 'h1', { numStdDev: 4 }), /want 1 to 3/],
  ])('%j is refused', (spec, says) => {
    expect(() => evaluate(spec)).toThrow(UserError);
    expect(() => evaluate(spec)).toThrow(says);
  });

  test('states are not changed by what is asked of them', () => {
    expect(states.t1).toMatchObject({ count: 3 });
    expect(states.q).toBeInstanceOf(QuantilesSketch);
    expect((states.q as QuantilesSketch).n).toBe(6);
  });
});
