import { SeededRandom } from '../../core/index.js';
import {
  ApproximateHistogram,
  approximateHistogramImage,
  BloomKFilter,
  CountMin,
  type CountMinShape,
  DATA_SKETCHES_SEED,
  entryOfLong,
  FixedBucketsHistogram,
  fixedBucketsImage,
  HllSketch,
  HyperLogLog,
  hashLong,
  histogramQuantile,
  hllImage,
  KllSketch,
  LossyCounting,
  QuantilesSketch,
  QuantilesView,
  quantilesImage,
  SpaceSaving,
  TDigest,
  ThetaSketch,
  TupleSketch,
  tDigestImage,
  thetaImage,
  tupleImage,
  Variance,
} from '../../sketches/index.js';
import { countError, falsePositives, rankError, relative, topError } from './input.js';
import type { Subject } from './subject.js';

const HASH = new Uint32Array(4);
const ONE = Float64Array.of(1);

const hashOf = (number: number): Uint32Array => {
  hashLong(number, DATA_SKETCHES_SEED, HASH);
  return HASH;
};

const hyperLogLog: Subject<HyperLogLog> = {
  task: 'distinct',
  name: 'HyperLogLog, lgK 11',
  make: () => new HyperLogLog(11),
  fill(sketch, { distinct }, from, to) {
    for (let i = from; i < to; i++) sketch.addEntry(entryOfLong(distinct[i]!));
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => sketch.toBytes().length,
  error: (sketch, { distinct }) => relative(sketch.estimate(), distinct.length),
};

const hll: Subject<HllSketch> = {
  task: 'distinct',
  name: 'HLL_4, lgK 12',
  make: () => new HllSketch(12),
  fill(sketch, { distinct }, from, to) {
    for (let i = from; i < to; i++) sketch.add(hashOf(distinct[i]!));
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => hllImage(sketch).length,
  error: (sketch, { distinct }) => relative(sketch.estimate(), distinct.length),
};

const theta: Subject<ThetaSketch> = {
  task: 'distinct',
  name: 'theta, lgK 14',
  make: () => new ThetaSketch(14),
  fill(sketch, { distinct }, from, to) {
    for (let i = from; i < to; i++) sketch.add(hashOf(distinct[i]!));
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => thetaImage(sketch).length,
  error: (sketch, { distinct }) => relative(sketch.estimate(), distinct.length),
};

const tuple: Subject<TupleSketch> = {
  task: 'distinct',
  name: 'tuple of one double, lgK 14',
  make: () => new TupleSketch(14, 1),
  fill(sketch, { distinct }, from, to) {
    for (let i = from; i < to; i++) sketch.add(hashOf(distinct[i]!), ONE);
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => tupleImage(sketch).length,
  error: (sketch, { distinct }) => relative(sketch.estimate(), distinct.length),
};

const bloom: Subject<BloomKFilter> = {
  task: 'filter',
  name: 'Bloom, 5 %',
  make: (count) => BloomKFilter.empty(count),
  fill(sketch, { distinct }, from, to) {
    for (let i = from; i < to; i++) sketch.add({ type: 'LONG', value: distinct[i]! });
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => sketch.toBytes().length,
  error: (sketch) => falsePositives((value) => sketch.has({ type: 'LONG', value })),
};

const countMin = (shape: CountMinShape): Subject<CountMin> => ({
  task: 'counts',
  name: `Count-Min, 5 × 2^12${shape.isConservative ? ', conservative' : ''}`,
  make: () => new CountMin(shape),
  fill(sketch, { skewed }, from, to) {
    for (let i = from; i < to; i++) sketch.add(hashOf(skewed[i]!)[0]!);
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => sketch.toBytes().length,
  error: (sketch, { skewed }) =>
    countError(skewed, (number) => sketch.estimate(hashOf(number)[0]!)),
});

const spaceSaving: Subject<SpaceSaving> = {
  task: 'top',
  name: 'SpaceSaving, 1,000',
  make: () => new SpaceSaving('longs', 1000),
  fill(sketch, { skewed }, from, to) {
    for (let i = from; i < to; i++) sketch.add(skewed[i]!);
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => sketch.toBytes().length,
  error: (sketch, { skewed }) => topError(skewed, countsIn(sketch)),
};

const lossyCounting: Subject<LossyCounting> = {
  task: 'top',
  name: 'Lossy Counting, 1 / 1000',
  make: () => new LossyCounting('longs', 1000),
  fill(sketch, { skewed }, from, to) {
    for (let i = from; i < to; i++) sketch.add(skewed[i]!);
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => sketch.toBytes().length,
  error: (sketch, { skewed }) => topError(skewed, countsIn(sketch)),
};

const countsIn = (sketch: SpaceSaving | LossyCounting) =>
  new Map(sketch.state().entries.map(({ value, count }) => [Number(value), count]));

const quantiles: Subject<QuantilesSketch> = {
  task: 'quantiles',
  name: 'quantiles, k 128',
  make: () => new QuantilesSketch(128),
  fill(sketch, { amounts }, from, to) {
    for (let i = from; i < to; i++) sketch.add(amounts[i]!);
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => quantilesImage(sketch).length,
  error(sketch, { amounts }) {
    const view = new QuantilesView(sketch);
    return rankError(amounts, (fraction) => view.quantile(fraction));
  },
};

const kll: Subject<KllSketch> = {
  task: 'quantiles',
  name: 'KLL, k 200',
  make: () => new KllSketch(new SeededRandom(1), 200),
  fill(sketch, { amounts }, from, to) {
    for (let i = from; i < to; i++) sketch.add(amounts[i]!);
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => sketch.toBytes().length,
  error: (sketch, { amounts }) => rankError(amounts, (fraction) => sketch.quantile(fraction)!),
};

const tDigest: Subject<TDigest> = {
  task: 'quantiles',
  name: 't-digest, 100',
  make: () => new TDigest(100),
  fill(sketch, { amounts }, from, to) {
    for (let i = from; i < to; i++) sketch.add(amounts[i]!);
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => tDigestImage(sketch).length,
  error: (sketch, { amounts }) => rankError(amounts, (fraction) => sketch.quantile(fraction)),
};

const approximateHistogram: Subject<ApproximateHistogram> = {
  task: 'histogram',
  name: 'approximate, 50 bins',
  make: () => new ApproximateHistogram(50),
  fill(sketch, { amounts }, from, to) {
    for (let i = from; i < to; i++) sketch.add(amounts[i]!);
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => approximateHistogramImage(sketch).length,
  error: (sketch, { amounts }) =>
    rankError(amounts, (fraction) => histogramQuantile(sketch, fraction)),
};

const LIMITS = { lowerLimit: 0, upperLimit: 1000 };

const fixedBuckets: Subject<FixedBucketsHistogram> = {
  task: 'histogram',
  name: '1,000 fixed buckets',
  make: () => new FixedBucketsHistogram({ ...LIMITS, numBuckets: 1000, outlierMode: 'clip' }),
  fill(sketch, { amounts }, from, to) {
    for (let i = from; i < to; i++) sketch.add(amounts[i]!);
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => fixedBucketsImage(sketch).length,
  error: (sketch, { amounts }) => rankError(amounts, (fraction) => sketch.quantile(fraction)),
};

const variance: Subject<Variance> = {
  task: 'sums',
  name: 'variance',
  make: () => new Variance(),
  fill(sketch, { amounts }, from, to) {
    for (let i = from; i < to; i++) sketch.add(amounts[i]!);
  },
  merge: (target, source) => target.merge(source),
  sizeBytes: (sketch) => sketch.toBytes().length,
  error(sketch, { amounts }) {
    const mean = amounts.reduce((sum, x) => sum + x, 0) / amounts.length;
    const squares = amounts.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    return relative(sketch.value('population')!, squares / amounts.length);
  },
};

/** Every sketch, in the sizes that are used unless others are asked for. */
export const OURS = [
  ...[hyperLogLog, hll, theta, tuple, bloom],
  ...[false, true].map((isConservative) => countMin({ lgWidth: 12, depth: 5, isConservative })),
  ...[spaceSaving, lossyCounting, quantiles, kll, tDigest],
  ...[approximateHistogram, fixedBuckets, variance],
] as readonly Subject<unknown>[];
