import { describe, expect, test } from 'vitest';
import { type JsonObject, UserError } from '../../core/index.js';
import { type SpectatorHistogram, spectatorImage } from '../../sketches/index.js';
import { parsePostAggregator } from '../post-aggregators/registry.js';
import { foldCells } from '../testing.js';
import type { Value, ValueType } from '../types.js';
import { parseAggregator } from './registry.js';

const aggregator = (type = 'spectatorHistogram') =>
  parseAggregator({ type, name: 'x', fieldName: 'c' }, 'a');

const histogramOf = (type: ValueType, cells: readonly Value[]) =>
  foldCells(aggregator(), type, cells) as SpectatorHistogram;

test.each<[type: ValueType, cells: Value[], buckets: object]>([
  ['LONG', [10, 30, 40, 40, null, -7, 9007199254740993n], { 0: 1, 10: 1, 17: 1, 19: 2, 234: 1 }],
  ['DOUBLE', [0.9, 15.9, Number.NaN, -0.5], { 0: 2, 14: 1 }],
  ['STRING', ['5', ' 6 ', 'none', '', null], { 5: 1, 6: 1 }],
  ['STRING', ['{"4": 8, "10": 1}', ['5', '5'], '{"4":2}'], { 4: 10, 5: 2, 10: 1 }],
  ['STRING', ['{"276": 1}', '{"4": -1}', '{"4": 0.5}', '{"a": 1}', '{"4"', '{}'], {}],
  ['ARRAY<LONG>', [[1, 2, null], []], { 1: 1, 2: 1 }],
])('counts numbers by bucket: %s, case %#', (type, cells, buckets) => {
  expect(Object.fromEntries(histogramOf(type, cells).buckets())).toEqual(buckets);
});

test('stored, in base64 and over the wire, parts give the whole', () => {
  const of = aggregator('spectatorHistogramTimer');
  const whole = histogramOf('LONG', [1, 1, 300, 5000]);
  const parts = [[1, 300], [], [1, 5000]].map((cells) => histogramOf('LONG', cells));
  const combining = of.combining();
  expect([combining.inputs, combining.spec.type]).toEqual([['x'], 'spectatorHistogramTimer']);
  const images = [
    foldCells(combining, of.storedType, [...parts, null]),
    parts.map((part) => of.decode(of.encode(part))).reduce(of.combine, of.initial()),
    histogramOf('STRING', [Buffer.from(spectatorImage(whole)).toString('base64')]),
  ].map((state) => spectatorImage(state as SpectatorHistogram));
  for (const image of images) expect(image).toEqual(spectatorImage(whole));
});

test('the value is how many numbers there are, by which results are ordered', () => {
  const of = aggregator('spectatorHistogramDistribution');
  expect(of.resultType).toBe('LONG');
  const [few, many] = [[7], [1, 2, 3]].map((cells) => of.finalise(histogramOf('LONG', cells)));
  expect([few, many, of.finalise(of.initial())]).toEqual([1, 3, 0]);
  expect(of.compare(few!, many!)).toBeLessThan(0);
});

/** The counts that Druid's manual shows of its example, bucket by bucket, and the last ones, which have gaps. */
const MANUAL = [
  ...[11096, 632, 297, 187, 322, 161, 174, 127, 125, 162, 123, 106, 95, 104, 95, 588, 540, 690],
  ...[719, 478, 288, 250, 219, 224, 737, 424, 343, 266, 232, 217, 171, 164, 161, 530, 339, 236],
  ...[181, 152, 113, 128, 80, 75, 289, 145, 138, 83, 45, 46, 64, 65, 71, 421, 525, 59, 31, 35],
  ...[8, 10, 5, 4, 11, 10, 5, 2, 2, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 2],
];

test("the percentiles of the example in Druid's manual", () => {
  const text = JSON.stringify(Object.fromEntries(MANUAL.entries()));
  const [low, median, high, most] = histogramOf('STRING', [text]).percentiles([25, 50, 75, 99.5]);
  expect(low).toBeCloseTo(0.5504911679884643, 12);
  expect(median).toBeCloseTo(4.013975155279504, 12);
  expect(high).toBeCloseTo(78.89518317503394, 9);
  expect(most).toBeCloseTo(8580.024999999994, 6);
});

describe('post-aggregators', () => {
  const states: Record<string, Value> = {
    h: histogramOf('LONG', [10, 10, 100, 100]),
    none: aggregator().initial(),
    text: 'x',
  };
  const row = { value: () => null, state: (name: string) => states[name] ?? null };
  const evaluate = (type: string, fieldName: string, more: JsonObject = {}): Value =>
    parsePostAggregator(
      { type, name: 'p', field: { type: 'fieldAccess', fieldName }, ...more },
      'p',
    ).compile(new Map())(row);

  test('percentiles lie evenly in their bucket; of none they are NaN', () => {
    const one = (percentile: unknown, of = 'h') =>
      evaluate('percentileSpectatorHistogram', of, { percentile });
    expect([one(25), one('75.0'), one(50), one(100)]).toEqual([10.5, 95.5, 11, 106]);
    expect(one(50, 'none')).toBeNaN();
    expect(one(50, 'absent')).toBeNull();
    const percentiles = [75, 25];
    expect(evaluate('percentilesSpectatorHistogram', 'h', { percentiles })).toEqual([95.5, 10.5]);
    expect(evaluate('countSpectatorHistogram', 'h')).toBe(4);
    expect(evaluate('countSpectatorHistogram', 'none')).toBe(0);
  });

  test.each<[type: string, name: string, more: JsonObject, says: RegExp]>([
    ['percentileSpectatorHistogram', 'h', {}, /p\.percentile: want a number/],
    ['percentileSpectatorHistogram', 'h', { percentile: 101 }, /want a percentile from 0 to 100/],
    [
      'percentilesSpectatorHistogram',
      'h',
      { percentiles: [] },
      /p\.percentiles: must not be empty/,
    ],
    ['countSpectatorHistogram', 'text', {}, /p\.field: want a Spectator histogram; build one/],
  ])('%s of %s with %j is refused', (type, name, more, says) => {
    expect(() => evaluate(type, name, more)).toThrow(UserError);
    expect(() => evaluate(type, name, more)).toThrow(says);
  });
});
