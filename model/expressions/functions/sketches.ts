import { CorruptSketchError, formatDouble } from '../../../core/index.js';
import type {
  ApproximateHistogram,
  CountMin,
  Distribution,
  FixedBucketsHistogram,
  HllSketch,
  HllType,
  TDigest,
  ThetaSketch,
  TupleSketch,
} from '../../../sketches/index.js';
import { frequencyHash } from '../../../sketches/index.js';
import { complexType } from '../../complex-types.js';
import { bloomOfText, bloomValuesOf } from '../../sketch-values/bloom.js';
import { quantileOfHistogram } from '../../sketch-values/histograms.js';
import { hllBounds, hllEstimate, hllText, hllUnion } from '../../sketch-values/hll.js';
import {
  asApproximateHistogram,
  asCountMin,
  asFixedBuckets,
  asHll,
  asQuantiles,
  asTDigest,
  asTheta,
  asTuple,
  type SketchReader,
} from '../../sketch-values/operands.js';
import {
  cumulativeOf,
  histogramOf,
  quantilesOf,
  quantilesText,
  rankOf,
} from '../../sketch-values/quantiles.js';
import {
  lgOfSize,
  shownThetaBounds,
  type ThetaOperation,
  thetaOperation,
  thetaText,
} from '../../sketch-values/theta.js';
import { tupleOperation, tupleSums } from '../../sketch-values/tuple.js';
import { type ComplexType, isComplexType, type Value } from '../../types.js';
import type { ExprType } from '../ast.js';
import { asDouble, asText } from '../coerce.js';
import type { Operand } from '../operand.js';
import {
  callError,
  define,
  type FunctionDefinition,
  literalOf,
  nameOf,
  neededText,
} from './definition.js';

/** Functions of sketches: what SQL computes from them. */

interface SketchKind<S> {
  readonly type: ComplexType;
  /** Others that will do as well. */
  readonly alike?: readonly ComplexType[];
  readonly read: SketchReader<S>;
}

const THETA: SketchKind<ThetaSketch> = { type: 'COMPLEX<thetaSketch>', read: asTheta };
const HLL: SketchKind<HllSketch> = { type: 'COMPLEX<HLLSketch>', read: asHll };
const QUANTILES: SketchKind<Distribution> = {
  type: 'COMPLEX<quantilesDoublesSketch>',
  alike: ['COMPLEX<KllDoublesSketch>', 'COMPLEX<KllFloatsSketch>'],
  read: asQuantiles,
};

const APPROXIMATE: SketchKind<ApproximateHistogram> = {
  type: 'COMPLEX<approximateHistogram>',
  read: asApproximateHistogram,
};
const FIXED_BUCKETS: SketchKind<FixedBucketsHistogram> = {
  type: 'COMPLEX<fixedBucketsHistogram>',
  read: asFixedBuckets,
};

const T_DIGEST: SketchKind<TDigest> = { type: 'COMPLEX<tDigestSketch>', read: asTDigest };

const COUNT_MIN: SketchKind<CountMin> = { type: 'COMPLEX<countMinSketch>', read: asCountMin };

const TUPLE: SketchKind<TupleSketch> = {
  type: 'COMPLEX<arrayOfDoublesSketch>',
  read: asTuple,
};

/** Reads an argument as a sketch. Throws UserError for one of another type. */
function sketchOf<S>(name: string, kind: SketchKind<S>, { type, get }: Operand): () => S | null {
  const isTaken = type === null || type === kind.type || kind.alike?.includes(type as ComplexType);
  if (!isTaken) {
    throw callError(name, `takes ${kind.type}, got ${type}`);
  }
  return () => kind.read(get(), `Function[${name}]`);
}

/** A function of a sketch and numbers, null when any of them is. */
const ofSketch = <S>(
  usage: string,
  doc: string,
  kind: SketchKind<S>,
  result: ExprType | ((args: readonly Operand[]) => ExprType),
  evaluate: (sketch: S, numbers: readonly number[]) => Value,
): FunctionDefinition =>
  define({
    usage,
    doc,
    resultType: typeof result === 'function' ? result : () => result,
    compile: ([first, ...others]) => {
      const read = sketchOf(nameOf(usage), kind, first!);
      const readers = others.map(asDouble);
      return () => {
        const sketch = read();
        const numbers = readers.map((reader) => reader());
        if (sketch === null || numbers.includes(null)) return null;
        return evaluate(sketch, numbers as number[]);
      };
    },
  });

/** A function of sketches, among which there may be literals, its settings; sketches that are null do not count. */
const ofSketches = <S>(
  usage: string,
  doc: string,
  kind: SketchKind<S>,
  prepare: (literals: readonly Value[]) => (sketches: readonly S[]) => Value,
): FunctionDefinition =>
  define({
    usage,
    doc,
    resultType: () => kind.type,
    compile: (args) => {
      const name = nameOf(usage);
      const settings = args.filter(isSetting);
      const evaluate = prepare(settings.map((_, i) => literalOf(name, settings, i, 'a setting')));
      const readers = args.filter((arg) => !isSetting(arg)).map((arg) => sketchOf(name, kind, arg));
      return () => {
        const sketches = readers.map((read) => read()).filter((sketch) => sketch !== null);
        return sketches.length === 0 ? null : evaluate(sketches);
      };
    },
  });

const isSetting = ({ isConstant, type }: Operand): boolean =>
  isConstant && (type === null || !isComplexType(type));

const thetaSet = (name: string, operation: ThetaOperation, doc: string): FunctionDefinition =>
  ofSketches(`${name}([size], sketch, …)`, doc, THETA, ([size]) => {
    const lgK = lgOfSize(Number(size ?? DEFAULT_THETA_SIZE), `Function[${name}] size`);
    return (sketches) => thetaOperation(operation, lgK, sketches);
  });

const tupleSet = (name: string, operation: ThetaOperation, doc: string): FunctionDefinition =>
  ofSketches(`${name}(sketch, …, [entries])`, doc, TUPLE, ([entries]) => {
    const lgK = lgOfSize(Number(entries ?? DEFAULT_THETA_SIZE), `Function[${name}] entries`);
    return (sketches) => tupleOperation(operation, lgK, sketches, `Function[${name}]`);
  });

const DEFAULT_THETA_SIZE = 16_384;

function shownBounds(sketch: ThetaSketch, numStdDev: number): string {
  const { estimate, highBound, lowBound } = shownThetaBounds(sketch, numStdDev);
  const [at, high, low] = [estimate, highBound, lowBound].map(formatDouble);
  return `{"estimate":${at},"highBound":${high},"lowBound":${low},"numStdDev":${numStdDev}}`;
}

function checkHll(lgK: number, type: string): HllType {
  if (!(Number.isInteger(lgK) && lgK >= 4 && lgK <= 21)) {
    throw callError('hll_sketch_union', `wants an lgK from 4 to 21, got ${lgK}`);
  }
  if (type === 'HLL_4' || type === 'HLL_6' || type === 'HLL_8') return type;
  throw callError('hll_sketch_union', `wants HLL_4, HLL_6 or HLL_8, got ${type}`);
}

function checkFractions(name: string, fractions: readonly number[]): readonly number[] {
  const bad = fractions.find((fraction) => !(fraction >= 0 && fraction <= 1));
  if (bad === undefined) return fractions;
  throw callError(name, `wants fractions from 0 to 1, got ${bad}`);
}

function checkPoints(name: string, points: readonly number[]): readonly number[] {
  const bad = points.findIndex((point, i) => i > 0 && !(point > points[i - 1]!));
  if (bad < 0) return points;
  throw callError(name, `wants points each greater than the one before, got ${points[bad]}`);
}

const decoding = (usage: string): FunctionDefinition =>
  define({
    usage,
    doc: 'the sketch that the text stands for, in base64; null where it stands for none',
    resultType: (args) => decodedType(nameOf(usage), args),
    compile: (args) => {
      const serde = complexType(decodedType(nameOf(usage), args).slice('COMPLEX<'.length, -1));
      const text = asText(args[1]!);
      return () => {
        const base64 = text();
        if (base64 === null) return null;
        try {
          return serde.decode(Buffer.from(base64, 'base64'));
        } catch (error) {
          if (error instanceof CorruptSketchError) return null;
          throw error;
        }
      };
    },
  });

const bloomFilterTest: FunctionDefinition = define({
  usage: 'bloom_filter_test(value, filter)',
  doc: 'whether a Bloom filter, given as a text in base64, may have the value, or one of a list',
  resultType: () => 'LONG',
  compile: (args) => {
    const name = 'bloom_filter_test';
    const bloom = bloomOfText(neededText(name, args, 1, 'the filter'), `Function[${name}]`);
    const { type, get } = args[0]!;
    const valuesOf = bloomValuesOf(type ?? 'STRING');
    return () => (valuesOf(get()).some((value) => bloom.has(value)) ? 1 : 0);
  },
});

/** How often a value came; null for no value, or one that is none. */
const countMinFrequency = define({
  usage: 'count_min_frequency(sketch, value)',
  doc: 'how often the value came, never too few',
  resultType: () => 'LONG',
  compile: ([first, value]) => {
    const read = sketchOf('count_min_frequency', COUNT_MIN, first!);
    return () => {
      const [sketch, of] = [read(), value!.get()];
      if (sketch === null || of === null || typeof of === 'object') return null;
      return sketch.estimate(frequencyHash(of));
    };
  },
});

const decodedType = (name: string, args: readonly Operand[]): ComplexType =>
  `COMPLEX<${complexType(neededText(name, args, 0, 'the type')).name}>`;

export const SKETCH_FUNCTIONS: readonly FunctionDefinition[] = [
  ofSketch('theta_sketch_estimate(sketch)', 'about how many values it has', THETA, 'DOUBLE', (s) =>
    s.estimate(),
  ),
  ofSketch(
    'theta_sketch_estimate_with_error_bounds(sketch, deviations)',
    'the same with bounds so many standard deviations away, as JSON text',
    THETA,
    'STRING',
    (sketch, [deviations]) => shownBounds(sketch, deviations!),
  ),
  ofSketch('theta_sketch_to_string(sketch)', 'what it holds, in words', THETA, 'STRING', thetaText),
  thetaSet('theta_sketch_union', 'UNION', 'the values of any of the sketches'),
  thetaSet('theta_sketch_intersect', 'INTERSECT', 'the values that are in all sketches'),
  thetaSet('theta_sketch_not', 'NOT', 'the values of the first that are in none of the others'),
  ofSketch(
    'hll_sketch_estimate(sketch, [round])',
    'about how many values it has, rounded where the flag is true',
    HLL,
    (args) => (args[1] !== undefined && Number(args[1].get()) !== 0 ? 'LONG' : 'DOUBLE'),
    (sketch, [round]) => hllEstimate(sketch, round !== undefined && round !== 0),
  ),
  ofSketch(
    'hll_sketch_estimate_with_error_bounds(sketch, [deviations])',
    'the estimate, a lower and an upper bound',
    HLL,
    'ARRAY<DOUBLE>',
    (sketch, [deviations]) => hllBounds(sketch, deviations ?? 1) as number[],
  ),
  ofSketch('hll_sketch_to_string(sketch)', 'what it holds, in words', HLL, 'STRING', hllText),
  ofSketches(
    'hll_sketch_union([lgK], [type], sketch, …)',
    'the values of any of the sketches',
    HLL,
    ([lgK, name]) => {
      const type = checkHll(Number(lgK ?? 12), String(name ?? 'HLL_4'));
      return (sketches) => hllUnion(Number(lgK ?? 12), type, sketches);
    },
  ),
  ofSketch(
    'ds_get_quantile(sketch, fraction)',
    'the item of which this fraction lies below',
    QUANTILES,
    'DOUBLE',
    (sketch, fractions) => quantilesOf(sketch, checkFractions('ds_get_quantile', fractions))[0]!,
  ),
  ofSketch(
    'ds_get_quantiles(sketch, …)',
    'the items of which these fractions lie below',
    QUANTILES,
    'ARRAY<DOUBLE>',
    (sketch, fractions) => quantilesOf(sketch, checkFractions('ds_get_quantiles', fractions)),
  ),
  ofSketch(
    'ds_histogram(sketch, …)',
    'how many items lie below the first point, between each and the next, and from the last on',
    QUANTILES,
    'ARRAY<DOUBLE>',
    (sketch, points) => histogramOf(sketch, checkPoints('ds_histogram', points)),
  ),
  ofSketch(
    'ds_cdf(sketch, …)',
    'the fractions of items below the points, and 1',
    QUANTILES,
    'ARRAY<DOUBLE>',
    (sketch, points) => cumulativeOf(sketch, checkPoints('ds_cdf', points)),
  ),
  ofSketch(
    'ds_rank(sketch, value)',
    'the fraction of items that are less',
    QUANTILES,
    'DOUBLE',
    (sketch, [value]) => rankOf(sketch, value!),
  ),
  ofSketch(
    'ds_quantile_summary(sketch)',
    'what it holds, in words',
    QUANTILES,
    'STRING',
    quantilesText,
  ),
  ofSketch(
    'approx_histogram_quantile(histogram, fraction)',
    'the number of which about this fraction lies below',
    APPROXIMATE,
    'DOUBLE',
    (histogram, fractions) =>
      quantileOfHistogram(histogram, checkFractions('approx_histogram_quantile', fractions)[0]!),
  ),
  ofSketch(
    'fixed_buckets_quantile(histogram, fraction)',
    'the same of counts in buckets of one width',
    FIXED_BUCKETS,
    'DOUBLE',
    (histogram, fractions) =>
      quantileOfHistogram(histogram, checkFractions('fixed_buckets_quantile', fractions)[0]!),
  ),
  ofSketch(
    'tdigest_quantile(digest, fraction)',
    'the number of which about this fraction lies below',
    T_DIGEST,
    'DOUBLE',
    (digest, fractions) => digest.quantile(checkFractions('tdigest_quantile', fractions)[0]!),
  ),
  bloomFilterTest,
  ofSketch('tuple_doubles_estimate(sketch)', 'about how many keys it has', TUPLE, 'DOUBLE', (s) =>
    s.estimate(),
  ),
  ofSketch(
    'tuple_doubles_metrics_sum_estimate(sketch)',
    'about what the values of all keys add up to',
    TUPLE,
    'ARRAY<DOUBLE>',
    tupleSums,
  ),
  tupleSet('tuple_doubles_union', 'UNION', 'the keys of any of the sketches, values added up'),
  tupleSet('tuple_doubles_intersect', 'INTERSECT', 'the keys in all sketches, values added up'),
  tupleSet('tuple_doubles_not', 'NOT', 'the keys of the first that are in none of the others'),
  countMinFrequency,
  decoding('complex_decode_base64(type, text)'),
  decoding('decode_base64_complex(type, text)'),
];
