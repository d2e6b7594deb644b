import { expect, test } from 'vitest';
import { UserError } from '../../../core/index.js';
import { parseAggregator } from '../../aggregators/registry.js';
import { complexType } from '../../complex-types.js';
import { TestRows } from '../../testing.js';
import type { Value, ValueType } from '../../types.js';
import { parseExpression } from '../expression.js';
import { quoteString } from '../quote.js';
import { SKETCH_FUNCTIONS } from './sketches.js';

function sketchOf(type: string, values: readonly number[], settings: object = {}): object {
  const rows = new TestRows(
    { c: { type: 'LONG' } },
    values.map((c) => ({ c })),
  );
  const aggregator = parseAggregator({ type, name: 'x', fieldName: 'c', ...settings }, 'a');
  const accumulator = aggregator.accumulator(rows);
  let state = aggregator.initial();
  rows.forEach(() => {
    state = accumulator.fold(state);
  });
  return state as object;
}

const theta = (...values: number[]) => sketchOf('thetaSketch', values);
const hll = (...values: number[]) => sketchOf('HLLSketchBuild', values);

const text = Buffer.from(complexType('thetaSketch').encode(theta(1, 2))).toString('base64');

const bloom = Buffer.from(
  complexType('bloom').encode(sketchOf('bloom', [7], { field: 'c' })),
).toString('base64');

const ROWS = new TestRows(
  {
    t: { type: 'COMPLEX<thetaSketch>' },
    u: { type: 'COMPLEX<thetaSketch>' },
    h: { type: 'COMPLEX<HLLSketch>' },
    g: { type: 'COMPLEX<HLLSketch>' },
    c: { type: 'COMPLEX<countMinSketch>' },
    q: { type: 'COMPLEX<quantilesDoublesSketch>' },
    a: { type: 'COMPLEX<approximateHistogram>' },
    f: { type: 'COMPLEX<fixedBucketsHistogram>' },
    d: { type: 'COMPLEX<tDigestSketch>' },
    kll: { type: 'COMPLEX<KllDoublesSketch>' },
    w: { type: 'COMPLEX<arrayOfDoublesSketch>' },
    e: { type: 'COMPLEX<arrayOfDoublesSketch>' },
    n: { type: 'COMPLEX<thetaSketch>' },
    s: { type: 'STRING' },
    l: { type: 'LONG' },
  },
  [
    {
      t: theta(1, 2, 3),
      u: theta(3, 4),
      h: hll(1, 2),
      g: hll(2, 3),
      q: sketchOf('quantilesDoublesSketch', [1, 2, 3, 4, 5, 6]),
      a: sketchOf('approxHistogram', [1, 2, 3, 4]),
      f: sketchOf('fixedBucketsHistogram', [1, 2], { lowerLimit: 0, upperLimit: 10 }),
      d: sketchOf('tDigestSketch', [1, 2, 3]),
      kll: sketchOf('KllDoublesSketch', [1, 2, 3, 4]),
      w: sketchOf('arrayOfDoublesSketch', [1, 2, 3], { metricColumns: ['c'] }),
      e: sketchOf('arrayOfDoublesSketch', [3, 4], { metricColumns: ['c'] }),
      c: sketchOf('countMinSketch', [7, 7, 8]),
      n: null,
      s: text,
      l: 7,
    },
  ],
);

const CASES: readonly [text: string, value: Value, type: ValueType][] = [
  ['theta_sketch_estimate(t)', 3, 'DOUBLE'],
  ['theta_sketch_estimate(n)', null, 'DOUBLE'],
  ['ds_get_quantile(kll, 0.5)', 3, 'DOUBLE'],
  ['count_min_frequency(c, 7)', 2, 'LONG'],
  ['count_min_frequency(c, 7.0)', 2, 'LONG'],
  ["count_min_frequency(c, '7')", 0, 'LONG'],
  ['tuple_doubles_estimate(w)', 3, 'DOUBLE'],
  ['tuple_doubles_metrics_sum_estimate(w)', [6], 'ARRAY<DOUBLE>'],
  ['tuple_doubles_metrics_sum_estimate(tuple_doubles_union(w, e, 32))', [13], 'ARRAY<DOUBLE>'],
  ['tuple_doubles_metrics_sum_estimate(tuple_doubles_intersect(w, e))', [6], 'ARRAY<DOUBLE>'],
  ['tuple_doubles_metrics_sum_estimate(tuple_doubles_not(w, e))', [3], 'ARRAY<DOUBLE>'],
  [
    'theta_sketch_estimate_with_error_bounds(t, 10)',
    '{"estimate":3.0,"highBound":3.0,"lowBound":3.0,"numStdDev":10}',
    'STRING',
  ],
  ['theta_sketch_estimate(theta_sketch_union(t, u, n))', 4, 'DOUBLE'],
  ['theta_sketch_estimate(theta_sketch_union(1024, t, u))', 4, 'DOUBLE'],
  ['theta_sketch_estimate(theta_sketch_intersect(t, u))', 1, 'DOUBLE'],
  ['theta_sketch_estimate(theta_sketch_not(t, u))', 2, 'DOUBLE'],
  ['substring(theta_sketch_to_string(t), 0, 16)', '### Theta sketch', 'STRING'],
  ['hll_sketch_estimate(h)', 2.000000004967054, 'DOUBLE'],
  ['hll_sketch_estimate(h, 1)', 2, 'LONG'],
  ["hll_sketch_estimate(hll_sketch_union(11, 'HLL_8', h, g), 1)", 3, 'LONG'],
  ['hll_sketch_estimate(hll_sketch_union(h, g), 1)', 3, 'LONG'],
  [
    'hll_sketch_estimate_with_error_bounds(h)',
    [2.000000004967054, 2, 2.000099863468538],
    'ARRAY<DOUBLE>',
  ],
  ['substring(hll_sketch_to_string(h), 0, 14)', '### HLL sketch', 'STRING'],
  ['ds_get_quantile(q, 0.5)', 4, 'DOUBLE'],
  ['ds_get_quantiles(q, 0, 0.5, 1)', [1, 4, 6], 'ARRAY<DOUBLE>'],
  ['ds_histogram(q, 2.5, 5)', [2, 2, 2], 'ARRAY<DOUBLE>'],
  ['ds_cdf(q, 4)', [0.5, 1], 'ARRAY<DOUBLE>'],
  ['ds_rank(q, 4)', 0.5, 'DOUBLE'],
  ['substring(ds_quantile_summary(q), 0, 20)', '### Quantiles sketch', 'STRING'],
  ['approx_histogram_quantile(a, 0.5)', 2, 'DOUBLE'],
  ['fixed_buckets_quantile(f, 0.5)', 2, 'DOUBLE'],
  ['tdigest_quantile(d, 0.5)', 2, 'DOUBLE'],
  [`bloom_filter_test(l, ${quoteString(bloom)})`, 1, 'LONG'],
  [`bloom_filter_test(s, ${quoteString(bloom)})`, 0, 'LONG'],
  ["theta_sketch_estimate(complex_decode_base64('thetaSketch', s))", 2, 'DOUBLE'],
  [
    `theta_sketch_estimate(decode_base64_complex('thetaSketch', ${quoteString(text)}))`,
    2,
    'DOUBLE',
  ],
  ["theta_sketch_estimate(decode_base64_complex('thetaSketch', 'AQ=='))", null, 'DOUBLE'],
];

test.each(CASES)('%s', (expression, value, type) => {
  const reader = parseExpression(expression).compile(ROWS);
  const got = reader.get();
  expect(Array.isArray(got) ? got.map((x) => Number(Number(x).toPrecision(12))) : got).toEqual(
    Array.isArray(value) ? value.map((x) => Number(Number(x).toPrecision(12))) : value,
  );
  expect(reader.type).toBe(type);
});

test.each([
  ['theta_sketch_estimate(h)', /takes COMPLEX<thetaSketch>, got COMPLEX<HLLSketch>/],
  ['hll_sketch_estimate(s)', /takes COMPLEX<HLLSketch>, got STRING/],
  ['theta_sketch_union(5, t)', /size: want a whole number/],
  ['hll_sketch_union(30, h)', /lgK from 4 to 21/],
  ["hll_sketch_union(12, 'HLL_5', h)", /wants HLL_4, HLL_6 or HLL_8/],
  ['ds_get_quantile(q, 2)', /fractions from 0 to 1/],
  ['tdigest_quantile(a, 0.5)', /takes COMPLEX<tDigestSketch>/],
  ["bloom_filter_test(l, 'AQ==')", /want a bloom filter as base64/],
  ['ds_cdf(q, 2, 1)', /greater than the one before/],
  ["complex_decode_base64('tDigest', s)", /unknown complex type/],
])('%s is refused', (expression, says) => {
  const evaluate = () => parseExpression(expression).compile(ROWS).get();
  expect(evaluate).toThrow(UserError);
  expect(evaluate).toThrow(says);
});

test('every function is tested', () => {
  const texts = CASES.map(([expression]) => expression).join();
  for (const { name } of SKETCH_FUNCTIONS) expect(texts).toContain(`${name}(`);
});
