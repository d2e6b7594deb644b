import { describe, expect, test } from 'vitest';
import { type JsonObject, UserError } from '../../core/index.js';
import { MomentSketch, momentImage, TDigest, tDigestImage } from '../../sketches/index.js';
import { complexType } from '../complex-types.js';
import { parsePostAggregator } from '../post-aggregators/registry.js';
import { foldCells } from '../testing.js';
import { complexName, isComplexType, type Value } from '../types.js';
import type { Aggregator, State } from './aggregator.js';
import { parseAggregator } from './registry.js';

const aggregator = (type: string, settings: object = {}): Aggregator =>
  parseAggregator({ type, name: 'x', fieldName: 'c', ...settings }, 'a');

const FIXED = { numBuckets: 5, lowerLimit: 0, upperLimit: 10 };
const fixed = (settings: object = {}) =>
  aggregator('fixedBucketsHistogram', { ...FIXED, ...settings });
const approximate = (settings: object = {}) => aggregator('approxHistogram', settings);

/** The state through a stored column and back. */
function stored(of: Aggregator, state: State): object {
  if (!isComplexType(of.storedType)) throw new Error('no histogram');
  const serde = complexType(complexName(of.storedType));
  return serde.decode(serde.encode(state as object));
}

describe('what the result shows', () => {
  test('fixed buckets', () => {
    const of = fixed({ outlierHandlingMode: 'Overflow' });
    expect(
      of.finalise(foldCells(of, 'STRING', ['2', '4', '4.5', null, 'none', '-1', '99', '10'])),
    ).toEqual({
      lowerLimit: 0,
      upperLimit: 10,
      numBuckets: 5,
      outlierHandlingMode: 'overflow',
      count: 4,
      lowerOutlierCount: 1,
      upperOutlierCount: 1,
      missingValueCount: 2,
      max: 10,
      min: 2,
      histogram: [0, 1, 2, 0, 1],
    });
    expect(fixed().finalise(fixed().initial())).toMatchObject({
      max: '-Infinity',
      min: 'Infinity',
    });
    const raw = fixed({ finalizeAsBase64Binary: true });
    expect(raw.finalise(foldCells(raw, 'LONG', [1]))).toMatchObject({ count: 1 });
  });

  test('approximate', () => {
    const of = approximate({ numBuckets: 4 });
    const shown = of.finalise(foldCells(of, 'DOUBLE', [1, 1, 2, null, 7]));
    expect(shown).toEqual({ breaks: [-1, 1, 3, 5, 7], counts: [2, 1, 0, 1] });
    const less = of.finalise(foldCells(of, 'DOUBLE', [1]));
    expect(of.compare(less, shown)).toBeLessThan(0);
  });
});

/** A digest by its bytes: numbers may wait in its buffer. Moments too: in theirs there are no infinite extremes. */
function shownBy(of: Aggregator, state: State): Value {
  const value = of.finalise(state);
  if (value instanceof MomentSketch) return momentImage(value);
  return value instanceof TDigest ? tDigestImage(value) : value;
}

test.each([
  fixed(),
  approximate({ resolution: 8 }),
  aggregator('tDigestSketch'),
  aggregator('momentSketch', { compress: false, k: 4 }),
])('parts, stored and sent: $storedType', (of) => {
  const lists = [[1, 2, 3.5], [], [2, 9.5]];
  const whole = shownBy(of, foldCells(of, 'DOUBLE', lists.flat()));
  const states = lists.map((list) => foldCells(of, 'DOUBLE', list));
  const combining = of.combining();
  expect(combining.inputs).toEqual(['x']);
  const cells = [...states.map((state) => stored(of, state)), null];
  expect(shownBy(combining, foldCells(combining, of.storedType, cells))).toEqual(whole);
  const sent = states.map((state) => of.decode(structuredClone(of.encode(state))));
  expect(
    shownBy(
      of,
      sent.reduce((a, b) => of.combine(a, b), of.initial()),
    ),
  ).toEqual(whole);
  const again = parseAggregator(combining.spec, 'a');
  expect([again.inputs, again.storedType]).toEqual([['x'], of.storedType]);
  const text = Buffer.from(
    complexType(complexName(of.storedType as `COMPLEX<${string}>`)).encode(states[0] as object),
  );
  expect(shownBy(of, foldCells(of, 'STRING', [text.toString('base64'), ['2', '9.5']]))).toEqual(
    whole,
  );
});

describe('post-aggregators', () => {
  const states: Record<string, State> = {
    f: foldCells(fixed(), 'LONG', [2, 4, 4, 6, 6, 7, 7]),
    a: foldCells(approximate(), 'DOUBLE', [1, 1, 2, 7]),
    d: foldCells(aggregator('tDigestSketch'), 'DOUBLE', [1, 2, 3]),
    m: foldCells(aggregator('momentSketch', { compress: false }), 'DOUBLE', [1, 1, 1, 4]),
    none: approximate().initial(),
    text: 'x',
  };
  const row = { value: () => null, state: (name: string) => states[name] ?? null };
  const evaluate = (spec: JsonObject): Value =>
    parsePostAggregator({ name: 'p', ...spec }, 'p').compile(new Map())(row);
  const of = (type: string, fieldName: string, more: object = {}) => ({ type, fieldName, ...more });

  test.each<[spec: JsonObject, expected: unknown]>([
    [of('quantile', 'f', { probability: 0.75 }), 7.125],
    [of('quantile', 'a', { probability: 0.1 }), 1],
    [of('quantile', 'none', { probability: 0.5 }), Number.NaN],
    [of('quantile', 'absent', { probability: 0.5 }), null],
    [
      of('quantiles', 'f', { probabilities: [0.75] }),
      { probabilities: [0.75], quantiles: [7.125], min: 2, max: 7 },
    ],
    [
      {
        type: 'quantileFromTDigestSketch',
        fraction: 0.5,
        field: { type: 'fieldAccess', fieldName: 'd' },
      },
      2,
    ],
    [
      {
        type: 'momentSketchSolveQuantiles',
        fractions: [0, 0.5, 1],
        field: { type: 'fieldAccess', fieldName: 'm' },
      },
      [1, 1, 4],
    ],
    [{ type: 'momentSketchMin', field: { type: 'fieldAccess', fieldName: 'm' } }, 1],
    [{ type: 'momentSketchMax', field: { type: 'fieldAccess', fieldName: 'm' } }, 4],
    [{ type: 'momentSketchMax', field: { type: 'fieldAccess', fieldName: 'absent' } }, null],
    [
      {
        type: 'quantilesFromTDigestSketch',
        fractions: [0, 0.5, 1],
        field: { type: 'fieldAccess', fieldName: 'd' },
      },
      [1, 2, 3],
    ],
    [of('min', 'a'), 1],
    [of('max', 'a'), 7],
    [of('min', 'f'), 2],
    [
      of('equalBuckets', 'a', { numBuckets: 4 }),
      { breaks: [-1, 1, 3, 5, 7], counts: [2, 1, 0, 1] },
    ],
    [of('buckets', 'a', { bucketSize: 2 }), { breaks: [0, 2, 6, 8], counts: [3, 0, 1] }],
    [of('customBuckets', 'a', { breaks: [0, 1, 10] }), { breaks: [0, 1, 10], counts: [2, 2] }],
  ])('%j', (spec, expected) => {
    expect(evaluate(spec)).toEqual(expected);
  });

  test.each<[spec: JsonObject, says: RegExp]>([
    [of('quantile', 'f', { probability: 1 }), /p\.probability: want a fraction between 0 and 1/],
    [
      {
        type: 'quantileFromTDigestSketch',
        fraction: 2,
        field: { type: 'fieldAccess', fieldName: 'd' },
      },
      /p\.fraction: want a fraction from 0 to 1/,
    ],
    [
      {
        type: 'quantileFromTDigestSketch',
        fraction: 1,
        field: { type: 'fieldAccess', fieldName: 'a' },
      },
      /p\.field: want a t-digest/,
    ],
    [
      { type: 'momentSketchMin', field: { type: 'fieldAccess', fieldName: 'd' } },
      /p\.field: want a moments sketch/,
    ],
    [
      {
        type: 'momentSketchSolveQuantiles',
        fractions: [-1],
        field: { type: 'fieldAccess', fieldName: 'm' },
      },
      /p\.fractions\[0\]: want a fraction/,
    ],
    [of('quantile', 'text', { probability: 0.5 }), /p\.fieldName: want a histogram/],
    [of('equalBuckets', 'f', { numBuckets: 3 }), /want an approximate histogram/],
    [of('equalBuckets', 'a', { numBuckets: 1 }), /p\.numBuckets: want 2 to/],
    [of('buckets', 'a', { bucketSize: 0 }), /p\.bucketSize: want more than 0/],
    [of('buckets', 'a', { bucketSize: 1e-9 }), /more than a million are in 1 to 7/],
    [of('customBuckets', 'a', { breaks: [2, 1] }), /greater than the one before/],
  ])('%j is refused', (spec, says) => {
    expect(() => evaluate(spec)).toThrow(UserError);
    expect(() => evaluate(spec)).toThrow(says);
  });
});

test.each<[make: () => Aggregator, says: RegExp]>([
  [() => fixed({ upperLimit: 0 }), /a\.upperLimit: want more than lowerLimit/],
  [() => fixed({ numBuckets: 0 }), /a\.numBuckets: want 1 to 100000/],
  [() => fixed({ outlierHandlingMode: 'drop' }), /want one of ignore, overflow, clip/],
  [() => aggregator('fixedBucketsHistogram'), /a\.lowerLimit: want a number/],
  [() => aggregator('tDigestSketch', { compression: 5 }), /a\.compression: want 10 to/],
  [() => aggregator('momentSketchMerge', { k: 16 }), /a\.k: want 2 to 15/],
  [() => approximate({ resolution: 0 }), /a\.resolution: want 1 to/],
  [() => approximate({ lowerLimit: 2, upperLimit: 1 }), /a\.upperLimit: want more/],
])('bad settings %#', (make, says) => {
  expect(make).toThrow(UserError);
  expect(make).toThrow(says);
});

test('moments that are compressed, and those that are not', () => {
  const texts = [true, false].map((compress) => {
    const sketch = foldCells(aggregator('momentSketch', { compress }), 'DOUBLE', [1, 2]);
    return Buffer.from(momentImage(sketch as MomentSketch)).toString('base64');
  });
  const merging = aggregator('momentSketchMerge');
  expect(shownBy(merging, foldCells(merging, 'STRING', [texts[1]!]))).toEqual(
    Uint8Array.from(Buffer.from(texts[1]!, 'base64')),
  );
  expect(() => foldCells(merging, 'STRING', texts)).toThrow(/all compressed or none of them/);
});
