import type { Rex } from '../algebra/rex.js';
import { isComplex, nativeType } from '../algebra/types.js';
import { aggregate } from './aggregates.js';
import { type AggregateFunction, type ScalarFunction, scalar } from './definition.js';
import { checkKind, setting } from './sketch-settings.js';

type Plan = AggregateFunction['plan'];

const TUPLE = 'COMPLEX<arrayOfDoublesSketch>';
const TOP_K = 'COMPLEX<topKSketch>';
const COUNT_MIN = 'COMPLEX<countMinSketch>';

/** A sketch of a column of sketches; or of keys and what is added up of each; then perhaps the nominal entries. */
const tuple: Plan = (args, _, builder) => {
  const last = args.at(-1)!;
  const isSized = args.length > 1 && last.kind === 'literal' && last.type !== 'VARCHAR';
  const [key, ...metrics] = isSized ? args.slice(0, -1) : args;
  if (metrics.length === 0) checkKind(key!, TUPLE);
  const aggregator = {
    type: 'arrayOfDoublesSketch',
    name: builder.name,
    fieldName: builder.column(key!),
    metricColumns: metrics.map((rex) => builder.column(rex)),
    nominalEntries: isSized ? setting(last) : undefined,
    shouldFinalize: false,
  };
  return { aggregators: [aggregator] };
};

/** As what values are counted. */
const valueTypeOf = ({ type }: Rex) =>
  !isComplex(type) && nativeType(type) === 'LONG' ? 'LONG' : 'STRING';

const topK: Plan = ([rex, k, capacity], _, builder) => {
  checkKind(rex!, TOP_K);
  const aggregator = {
    type: 'topKSketch',
    name: builder.name,
    fieldName: builder.column(rex!),
    k: setting(k),
    capacity: setting(capacity),
    valueType: valueTypeOf(rex!),
  };
  return { aggregators: [aggregator] };
};

/** What is at least a share of all, by one of the two sketches; `names` are those of the other settings, in order. */
const heavyHitters =
  (type: 'lossyCountingSketch' | 'countMinHeavyHitters', names: readonly string[]): Plan =>
  ([rex, share, ...others], _, builder) => {
    checkKind(rex!, `COMPLEX<${type}>`);
    const settings = others.map((rex, i) => [names[i]!, Number(setting(rex))] as const);
    const aggregator = {
      type,
      name: builder.name,
      fieldName: builder.column(rex!),
      share: Number(setting(share)),
      valueType: valueTypeOf(rex!),
      ...Object.fromEntries(settings),
    };
    return { aggregators: [aggregator] };
  };

const countMin: Plan = ([rex, width, depth, conservative], _, builder) => {
  checkKind(rex!, COUNT_MIN);
  const aggregator = {
    type: 'countMinSketch',
    name: builder.name,
    fieldName: builder.column(rex!),
    width: setting(width),
    depth: setting(depth),
    conservative: Boolean(setting(conservative) ?? false),
    shouldFinalize: false,
  };
  return { aggregators: [aggregator] };
};

/** Sketches of what comes how often, and of keys with numbers. */
export const FREQUENCY_AGGREGATES: readonly AggregateFunction[] = [
  aggregate(
    'APPROX_TOP_K',
    'any integer! integer?!',
    'COMPLEX<json>',
    topK,
    'The most frequent values, each with how often it came at least and at most, as JSON.',
  ),
  aggregate(
    'APPROX_HEAVY_HITTERS',
    'any number! number?!',
    'COMPLEX<json>',
    heavyHitters('lossyCountingSketch', ['error']),
    'The values that are at least a share of all, by Lossy Counting; last the error, a share too.',
  ),
  aggregate(
    'COUNT_MIN_HEAVY_HITTERS',
    'any number! integer?! integer?!',
    'COMPLEX<json>',
    heavyHitters('countMinHeavyHitters', ['width', 'depth']),
    'The same by Count-Min, of this width and depth.',
  ),
  aggregate(
    'COUNT_MIN_SKETCH',
    'any integer?! integer?! boolean?!',
    COUNT_MIN,
    countMin,
    'A sketch of how often each value came: width, depth, and whether it is conservative.',
  ),
  aggregate(
    'DS_TUPLE_DOUBLES',
    'any any*',
    TUPLE,
    tuple,
    'A tuple sketch: distinct keys, each with sums of numbers; last perhaps the nominal entries.',
  ),
];

export const FREQUENCY_FUNCTIONS: readonly ScalarFunction[] = [
  scalar(
    'COUNT_MIN_FREQUENCY',
    'any any',
    'BIGINT',
    'count_min_frequency',
    'How often a value came, never too few.',
  ),
  scalar(
    'DS_TUPLE_DOUBLES_ESTIMATE',
    'any',
    'DOUBLE',
    'tuple_doubles_estimate',
    'About how many keys a tuple sketch has.',
  ),
  scalar(
    'DS_TUPLE_DOUBLES_METRICS_SUM_ESTIMATE',
    'any',
    'DOUBLE ARRAY',
    'tuple_doubles_metrics_sum_estimate',
    'About what the values of all keys add up to.',
  ),
  ...(['UNION', 'INTERSECT', 'NOT'] as const).map((operation) =>
    scalar(
      `DS_TUPLE_DOUBLES_${operation}`,
      'any any*',
      TUPLE,
      `tuple_doubles_${operation.toLowerCase()}`,
      'The same of the keys of tuple sketches, values added up; last perhaps the nominal entries.',
    ),
  ),
];
