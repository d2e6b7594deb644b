import type { JsonObject } from '../../../core/index.js';
import type { Rex } from '../algebra/rex.js';
import { nativeType, type SqlType } from '../algebra/types.js';
import { aggregate, numeric } from './aggregates.js';
import {
  type AggregateBuilder,
  type AggregateFunction,
  type ScalarFunction,
  scalar,
} from './definition.js';
import { checkKind, setting } from './sketch-settings.js';
import { identifierText } from './text.js';

type Plan = AggregateFunction['plan'];

const HLL = 'COMPLEX<HLLSketch>';
const THETA = 'COMPLEX<thetaSketch>';
const QUANTILES = 'COMPLEX<quantilesDoublesSketch>';
const KLL: readonly SqlType[] = ['COMPLEX<KllDoublesSketch>', 'COMPLEX<KllFloatsSketch>'];
const T_DIGEST = 'COMPLEX<tDigestSketch>';

const hll = (
  [rex, lgK, tgtHllType]: readonly Rex[],
  builder: AggregateBuilder,
  shown: JsonObject,
): JsonObject => {
  checkKind(rex!, HLL);
  return {
    type: rex!.type === HLL ? 'HLLSketchMerge' : 'HLLSketchBuild',
    name: builder.name,
    fieldName: builder.column(rex!),
    lgK: setting(lgK),
    tgtHllType: setting(tgtHllType),
    ...shown,
  };
};

const theta = ([rex, size]: readonly Rex[], builder: AggregateBuilder) => {
  checkKind(rex!, THETA);
  const fieldName = builder.column(rex!);
  const { name } = builder;
  return { type: 'thetaSketch', name, fieldName, size: setting(size), shouldFinalize: false };
};

/** Of a stored column of KLL sketches one like them, else the classic sketch. */
const quantilesType = ([rex]: readonly Rex[]): SqlType =>
  KLL.find((type) => type === rex!.type) ?? QUANTILES;

const quantiles = (rex: Rex, k: Rex | undefined, builder: AggregateBuilder) => {
  const wanted = quantilesType([rex]);
  checkKind(rex, wanted);
  return {
    type: wanted.slice('COMPLEX<'.length, -1),
    name: builder.name,
    fieldName: builder.column(rex),
    k: setting(k),
    shouldFinalize: false,
  };
};

const tDigest = (rex: Rex, size: Rex | undefined, builder: AggregateBuilder) => {
  checkKind(rex, T_DIGEST);
  const fieldName = builder.column(rex.type === T_DIGEST ? rex : numeric(rex));
  const { name } = builder;
  return { type: 'tDigestSketch', name, fieldName, compression: setting(size) };
};

const tDigestQuantile: Plan = ([rex, fraction, size], _, builder) => {
  const sketch = builder.shared(tDigest(rex!, size, builder));
  return {
    aggregators: [],
    expression: `tdigest_quantile(${identifierText(sketch)}, ${Number(setting(fraction))})`,
  };
};

const BLOOM = 'COMPLEX<bloom>';

const bloom: Plan = ([rex, size], _, builder) => {
  checkKind(rex!, BLOOM);
  const dimension = builder.column(rex!);
  const { name } = builder;
  const outputType = rex!.type === BLOOM ? undefined : nativeType(rex!.type);
  const field = { type: 'default', dimension, outputName: dimension, outputType };
  return { aggregators: [{ type: 'bloom', name, field, maxNumEntries: setting(size) }] };
};

const approximateTheta: Plan = (args, _, builder) => {
  const sketch = builder.shared(theta(args, builder));
  return {
    aggregators: [],
    expression: `cast(round(theta_sketch_estimate(${identifierText(sketch)})), 'LONG')`,
  };
};

const approximateQuantile: Plan = ([rex, fraction, k], _, builder) => {
  const sketch = builder.shared(quantiles(rex!, k, builder));
  return {
    aggregators: [],
    expression: `ds_get_quantile(${identifierText(sketch)}, ${Number(setting(fraction))})`,
  };
};

export const SKETCH_AGGREGATES: readonly AggregateFunction[] = [
  aggregate(
    'APPROX_COUNT_DISTINCT_DS_HLL',
    'any integer?! string?!',
    'BIGINT',
    (args, _, builder) => ({ aggregators: [hll(args, builder, { round: true })] }),
    'About how many distinct values, by an HLL sketch.',
  ),
  aggregate(
    'APPROX_COUNT_DISTINCT_DS_THETA',
    'any integer?!',
    'BIGINT',
    approximateTheta,
    'About how many distinct values, by a theta sketch.',
  ),
  aggregate(
    'DS_HLL',
    'any integer?! string?!',
    HLL,
    (args, _, builder) => ({ aggregators: [hll(args, builder, { shouldFinalize: false })] }),
    'An HLL sketch of the values.',
  ),
  aggregate(
    'DS_THETA',
    'any integer?!',
    THETA,
    (args, _, builder) => ({ aggregators: [theta(args, builder)] }),
    'A theta sketch of the values.',
  ),
  aggregate(
    'DS_QUANTILES_SKETCH',
    'any integer?!',
    quantilesType,
    ([rex, k], _, builder) => ({ aggregators: [quantiles(rex!, k, builder)] }),
    'A sketch of the quantiles of numbers.',
  ),
  aggregate(
    'APPROX_QUANTILE_DS',
    'any number! integer?!',
    'DOUBLE',
    approximateQuantile,
    'The number of which about this fraction lies below.',
  ),
  aggregate(
    'TDIGEST_QUANTILE',
    'any number! integer?!',
    'DOUBLE',
    tDigestQuantile,
    'The same by a t-digest, which is best at the ends.',
  ),
  aggregate(
    'TDIGEST_GENERATE_SKETCH',
    'any integer?!',
    T_DIGEST,
    ([rex, size], _, builder) => ({ aggregators: [tDigest(rex!, size, builder)] }),
    'A t-digest of numbers.',
  ),
  aggregate(
    'BLOOM_FILTER',
    'any integer!',
    BLOOM,
    bloom,
    'A Bloom filter of the values, for so many of them.',
  ),
];

const isRounded = ([, round]: readonly Rex[]): SqlType =>
  Number(setting(round) ?? 0) === 0 ? 'DOUBLE' : 'BIGINT';

export const SKETCH_FUNCTIONS: readonly ScalarFunction[] = [
  scalar(
    'HLL_SKETCH_ESTIMATE',
    'any boolean?!',
    isRounded,
    'hll_sketch_estimate',
    'About how many distinct values a sketch has.',
  ),
  scalar(
    'HLL_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS',
    'any integer?!',
    'DOUBLE ARRAY',
    'hll_sketch_estimate_with_error_bounds',
    'The estimate, a lower and an upper bound, so many standard deviations away.',
  ),
  scalar(
    'HLL_SKETCH_UNION',
    'any any*',
    HLL,
    'hll_sketch_union',
    'The values of any of the sketches; in front of them lgK and type.',
  ),
  scalar('HLL_SKETCH_TO_STRING', 'any', 'VARCHAR', 'hll_sketch_to_string', 'A sketch in words.'),
  scalar(
    'THETA_SKETCH_ESTIMATE',
    'any',
    'DOUBLE',
    'theta_sketch_estimate',
    'About how many distinct values a sketch has.',
  ),
  scalar(
    'THETA_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS',
    'any integer!',
    'VARCHAR',
    'theta_sketch_estimate_with_error_bounds',
    'The same with bounds so many standard deviations away.',
  ),
  scalar(
    'THETA_SKETCH_UNION',
    'any any*',
    THETA,
    'theta_sketch_union',
    'The values of any of the sketches; in front of them the size.',
  ),
  scalar(
    'THETA_SKETCH_INTERSECT',
    'any any*',
    THETA,
    'theta_sketch_intersect',
    'The values that are in all sketches.',
  ),
  scalar(
    'THETA_SKETCH_NOT',
    'any any*',
    THETA,
    'theta_sketch_not',
    'The values of the first sketch that are in none of the others.',
  ),
  scalar(
    'DS_GET_QUANTILE',
    'any number',
    'DOUBLE',
    'ds_get_quantile',
    'The number of which about this fraction lies below.',
  ),
  scalar(
    'DS_GET_QUANTILES',
    'any number*',
    'DOUBLE ARRAY',
    'ds_get_quantiles',
    'The same for several fractions.',
  ),
  scalar(
    'DS_HISTOGRAM',
    'any number*',
    'DOUBLE ARRAY',
    'ds_histogram',
    'How many numbers lie below, between and from the points on.',
  ),
  scalar(
    'DS_CDF',
    'any number*',
    'DOUBLE ARRAY',
    'ds_cdf',
    'The fractions of numbers below the points, and 1.',
  ),
  scalar('DS_RANK', 'any number', 'DOUBLE', 'ds_rank', 'The fraction of numbers that are less.'),
  scalar(
    'BLOOM_FILTER_TEST',
    'any string!',
    'BOOLEAN',
    'bloom_filter_test',
    'Whether a Bloom filter, in base64, may have the value.',
  ),
  scalar('DS_QUANTILE_SUMMARY', 'any', 'VARCHAR', 'ds_quantile_summary', 'A sketch in words.'),
  ...['COMPLEX_DECODE_BASE64', 'DECODE_BASE64_COMPLEX'].map((name) =>
    scalar(
      name,
      'string! string',
      ([type]) => `COMPLEX<${String(setting(type))}>`,
      name.toLowerCase(),
      'The sketch that a text stands for, in base64.',
    ),
  ),
];
