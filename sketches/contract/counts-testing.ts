import { BloomKFilter } from '../bloom/bloom-k-filter.js';
import { CountMin } from '../frequency/count-min.js';
import type { CountMinShape } from '../frequency/count-min-bytes.js';
import { HeavyHitters } from '../frequency/heavy-hitters.js';
import { LossyCounting } from '../frequency/lossy-counting.js';
import { SpaceSaving } from '../frequency/space-saving.js';
import { ApproximateHistogram, type Bin, NO_LIMITS } from '../histogram/approximate-histogram.js';
import {
  approximateHistogramImage,
  readApproximateHistogramImage,
} from '../histogram/approximate-histogram-image.js';
import { FixedBucketsHistogram, type OutlierMode } from '../histogram/fixed-buckets.js';
import { fixedBucketsImage, readFixedBucketsImage } from '../histogram/fixed-buckets-image.js';
import { Reservoir } from '../sampling/reservoir.js';
import { bucketEnd, bucketOf, bucketStart } from '../spectator/spectator-buckets.js';
import { SpectatorHistogram } from '../spectator/spectator-histogram.js';
import { readSpectatorImage, spectatorImage } from '../spectator/spectator-image.js';
import { DATA_SKETCHES_SEED, hashLong } from '../value-hash.js';
import { Variance } from '../variance/variance.js';
import {
  kindOf,
  type SketchContract,
  type SketchKind,
  withinDeviations,
} from './contract-testing.js';
import type { Stream } from './stream-testing.js';

const HASH = new Uint32Array(4);

const countMin = (shape: CountMinShape): SketchContract<CountMin> => {
  const { lgWidth, depth, isConservative } = shape;
  const name = `Count-Min ${depth} × 2^${lgWidth}${isConservative ? ', conservative' : ''}`;
  const estimate = (sketch: CountMin, value: number) => {
    hashLong(value, DATA_SKETCHES_SEED, HASH);
    return sketch.estimate(HASH[0]!);
  };
  return {
    name,
    make: () => new CountMin(shape),
    update: (sketch, _, hash) => sketch.add(hash[0]!),
    merge: (target, source) => target.merge(source),
    isOrderless: !isConservative,
    isCanonical: true,
    bytes: (sketch) => sketch.toBytes(),
    read: (bytes) => CountMin.fromBytes(bytes),
    answers: (sketch) => [sketch.total, ...[0, 1, 2].map((value) => estimate(sketch, value))],
    bounds: [
      {
        name: 'never too few',
        chance: 0,
        holds: (sketch, stream) =>
          sketch.total === stream.length &&
          stream.sample(200).every((value) => estimate(sketch, value) >= stream.countOf(value)),
      },
      {
        name: 'too many',
        chance: Math.exp(-depth),
        holds: (sketch, stream) => {
          const [value] = stream.sample(1);
          return estimate(sketch, value!) - stream.countOf(value!) <= sketch.error;
        },
      },
    ],
  };
};

/** A summary of frequent values, of which no count is off by more than a part of the total. */
function frequent<S extends SpaceSaving | LossyCounting>(
  kind: string,
  part: number,
  make: () => S,
  read: (bytes: Uint8Array) => S,
  merge: (target: S, source: S) => void,
): SketchContract<S> {
  return {
    name: `${kind} 1 / ${part} of ${make().of}`,
    make,
    update: (sketch, value) => sketch.add(sketch.of === 'texts' ? String(value) : value),
    merge,
    isOrderless: false,
    isCanonical: true,
    bytes: (sketch) => sketch.toBytes(),
    read,
    answers: (sketch) => [sketch.state()],
    bounds: [
      {
        name: 'counts',
        chance: 0,
        holds: (sketch, stream) =>
          sketch.state().entries.every(({ value, count, error }) => {
            const truth = stream.countOf(Number(value));
            return truth <= count && truth >= count - error && error <= stream.length / part;
          }),
      },
      {
        name: 'frequent values are there',
        chance: 0,
        holds: (sketch, stream) => {
          const { entries, absentCount } = sketch.state();
          const known = new Set(entries.map(({ value }) => Number(value)));
          return (
            absentCount <= stream.length / part &&
            stream.moreFrequentThan(absentCount).every((value) => known.has(value))
          );
        },
      },
    ],
  };
}

const spaceSaving = (capacity: number, of: 'texts' | 'longs') =>
  frequent(
    'SpaceSaving',
    capacity,
    () => new SpaceSaving(of, capacity),
    (bytes) => SpaceSaving.fromBytes(bytes),
    (target, source) => target.merge(source),
  );

const lossyCounting = (width: number, of: 'texts' | 'longs') =>
  frequent(
    'Lossy Counting',
    width,
    () => new LossyCounting(of, width),
    (bytes) => LossyCounting.fromBytes(bytes),
    (target, source) => target.merge(source),
  );

/** Values that came more often than a share of all, by a conservative Count-Min. */
const heavyHitters = (of: 'texts' | 'longs'): SketchContract<HeavyHitters> => ({
  name: `heavy hitters of ${of}`,
  make: () => new HeavyHitters(of, 0.02, { lgWidth: 10, depth: 4, isConservative: true }),
  update: (sketch, value) => sketch.add(sketch.of === 'texts' ? String(value) : value),
  merge: (target, source) => target.merge(source),
  isOrderless: false,
  isCanonical: true,
  bytes: (sketch) => sketch.toBytes(),
  read: (bytes) => HeavyHitters.fromBytes(bytes),
  answers: (sketch) => [sketch.total, sketch.values()],
  bounds: [
    {
      name: 'frequent values are there, none with too small a count',
      chance: 0,
      holds: (sketch, stream) => {
        const counts = new Map(sketch.values().map(({ value, count }) => [Number(value), count]));
        return stream
          .moreFrequentThan(0.02 * stream.length)
          .every((value) => (counts.get(value) ?? 0) >= stream.countOf(value));
      },
    },
  ],
});

/** Of weights of 1, or of every number its own. */
const reservoir = (of: 'texts' | 'longs', isWeighted: boolean): SketchContract<Reservoir> => ({
  name: `${isWeighted ? 'weighted ' : ''}sample of ${of}`,
  make: (seed) => new Reservoir(of, 100, seed),
  update(sketch, value) {
    const sampled = sketch.of === 'texts' ? String(value) : value;
    sketch.add(sampled, isWeighted ? 1 + (value % 7) : 1, value);
  },
  merge: (target, source) => target.merge(source),
  isOrderless: false,
  isCanonical: true,
  bytes: (sketch) => sketch.toBytes(),
  read: (bytes) => Reservoir.fromBytes(bytes),
  answers: (sketch) => [sketch.count, sketch.values],
  bounds: [
    {
      name: 'values of the stream',
      chance: 0,
      holds: (sketch, stream) =>
        sketch.count === stream.length &&
        sketch.values.length === 100 &&
        sketch.values.every((value) => stream.countOf(Number(value)) > 0),
    },
    ...(isWeighted ? [] : withinDeviations('share of a half', halfError)),
  ],
});

/** How many standard deviations the share of smaller numbers is off in a sample. */
function halfError(sketch: Reservoir, stream: Stream): number {
  const middle = stream.quantile(0.5);
  const share = stream.ranksOf(middle).upTo / stream.length;
  const found = sketch.values.filter((value) => Number(value) <= middle).length;
  return (found / 100 - share) / Math.sqrt((share * (1 - share)) / 100);
}

const long = (value: number) => ({ type: 'LONG', value }) as const;

const bloom: SketchContract<BloomKFilter> = {
  name: 'Bloom',
  make: (_, length) => BloomKFilter.empty(Math.max(1, length)),
  update: (sketch, value) => sketch.add(long(value)),
  merge: (target, source) => target.merge(source),
  isOrderless: true,
  isCanonical: true,
  bytes: (sketch) => sketch.toBytes(),
  read: (bytes) => BloomKFilter.ofBytes(bytes),
  answers: (sketch) => [sketch.bitCount, ...[0, 1, 2].map((value) => sketch.has(long(value)))],
  bounds: [
    {
      name: 'what was added is found',
      chance: 0,
      holds: (sketch, stream) => stream.sample(1000).every((value) => sketch.has(long(value))),
    },
    {
      name: 'one of twenty others is found',
      chance: 0.06,
      // None of the stream is negative.
      holds: (sketch, { seed }) => !sketch.has(long(-1 - seed)),
    },
  ],
};

const LIMITS = { lowerLimit: 0, upperLimit: 2 ** 52 };

const fixedBuckets = (outlierMode: OutlierMode): SketchContract<FixedBucketsHistogram> => {
  const shape = { ...LIMITS, numBuckets: 64, outlierMode };
  const width = LIMITS.upperLimit / shape.numBuckets;
  return {
    name: `fixed buckets, ${outlierMode}`,
    make: () => new FixedBucketsHistogram(shape),
    update: (sketch, value) => sketch.add(value),
    merge: (target, source) => target.merge(source),
    isOrderless: true,
    isCanonical: false,
    bytes: fixedBucketsImage,
    read: readFixedBucketsImage,
    answers: (sketch) => [
      ...[sketch.count, sketch.min, sketch.max, sketch.lowerOutliers, sketch.upperOutliers],
      ...[0.1, 0.5, 0.9].map((fraction) => sketch.quantile(fraction)),
    ],
    bounds: [
      {
        name: 'counts',
        chance: 0,
        holds: (sketch, stream) =>
          [...sketch.buckets].every((count, i) => {
            const isLast = outlierMode === 'clip' && i === shape.numBuckets - 1;
            const end = isLast ? stream.length : stream.ranksOf((i + 1) * width).below;
            return count === end - stream.ranksOf(i * width).below;
          }),
      },
      {
        name: 'quantiles within a bucket',
        chance: 0,
        holds: (sketch, stream) => {
          const inside = stream.sorted.subarray(0, stream.ranksOf(LIMITS.upperLimit).below);
          if (outlierMode === 'clip' || inside.length === 0) return true;
          return [0.1, 0.5, 0.9].every((fraction) => {
            const truth = inside[Math.ceil(fraction * inside.length) - 1]!;
            return Math.abs(sketch.quantile(fraction) - truth) <= width;
          });
        },
      },
    ],
  };
};

const binsOf = (sketch: ApproximateHistogram): Bin[] =>
  Array.from({ length: sketch.binCount }, (_, i) => sketch.bin(i));

const approximateHistogram = (size: number): SketchContract<ApproximateHistogram> => {
  return {
    name: `approximate histogram ${size}`,
    make: () => new ApproximateHistogram(size),
    update: (sketch, value) => sketch.add(value),
    merge: (target, source) => target.merge(source),
    isOrderless: false,
    isCanonical: false,
    bytes: approximateHistogramImage,
    read: (bytes) => readApproximateHistogramImage(bytes, NO_LIMITS),
    answers: (sketch) => [sketch.count, sketch.min, sketch.max, binsOf(sketch)],
    bounds: [
      {
        name: 'count and extremes are exact',
        chance: 0,
        holds: ({ count, min, max }, { length, sorted }) =>
          count === length &&
          min === Math.fround(sorted[0]!) &&
          max === Math.fround(sorted.at(-1)!),
      },
      {
        name: 'bins hold all, and ascend',
        chance: 0,
        holds: (sketch) => {
          const bins = binsOf(sketch);
          return (
            bins.length <= size &&
            bins.reduce((sum, { count }) => sum + count, 0) === sketch.count &&
            bins.every(({ position }, i) => i === 0 || position > bins[i - 1]!.position)
          );
        },
      },
    ],
  };
};

/** Twice over the numbers: the mean, then the deviations from it, each in parts that are about alike. */
function deviationsOf({ sorted }: Stream): { deviations: number; mean: number } {
  const mean = pairwise(sorted, 0, sorted.length, (x) => x) / sorted.length;
  return { mean, deviations: pairwise(sorted, 0, sorted.length, (x) => (x - mean) ** 2) };
}

function pairwise(
  numbers: Float64Array,
  from: number,
  to: number,
  term: (x: number) => number,
): number {
  if (to - from > 64) {
    const middle = (from + to) >>> 1;
    return pairwise(numbers, from, middle, term) + pairwise(numbers, middle, to, term);
  }
  let sum = 0;
  for (let i = from; i < to; i++) sum += term(numbers[i]!);
  return sum;
}

const variance: SketchContract<Variance> = {
  name: 'variance',
  make: () => new Variance(),
  update: (sketch, value) => sketch.add(value),
  merge: (target, source) => target.merge(source),
  isOrderless: false,
  isCanonical: true,
  bytes: (sketch) => sketch.toBytes(),
  read: (bytes) => Variance.ofBytes(bytes),
  answers: (sketch) => [sketch.count, sketch.sum, sketch.deviations, sketch.value('sample')],
  bounds: [
    {
      name: 'n κ u',
      chance: 0,
      holds: (sketch, stream) => {
        const { deviations, mean } = deviationsOf(stream);
        const condition = Math.sqrt(1 + (stream.length * mean ** 2) / deviations);
        const error = Math.abs(sketch.deviations / deviations - 1);
        return sketch.count === stream.length && error <= stream.length * condition * 2 ** -53;
      },
    },
  ],
};

const PERCENTILES = [10, 50, 90];

const spectator: SketchContract<SpectatorHistogram> = {
  name: 'Spectator',
  make: () => new SpectatorHistogram(),
  update: (sketch, value) => sketch.add(value),
  merge: (target, source) => target.merge(source),
  isOrderless: true,
  isCanonical: false,
  bytes: spectatorImage,
  read: readSpectatorImage,
  answers: (sketch) => [sketch.count, sketch.buckets(), sketch.percentiles(PERCENTILES)],
  bounds: [
    {
      name: 'counts',
      chance: 0,
      holds: (sketch, stream) =>
        sketch.count === stream.length &&
        sketch.buckets().every(([bucket, count]) => {
          const before = stream.ranksOf(bucketStart(bucket)).below;
          return count === stream.ranksOf(bucketEnd(bucket)).below - before;
        }),
    },
    {
      name: 'percentiles within a bucket',
      chance: 0,
      holds: (sketch, { sorted, length }) =>
        sketch.percentiles(PERCENTILES).every((found, i) => {
          const truth = sorted[Math.ceil((PERCENTILES[i]! / 100) * length) - 1]!;
          const bucket = bucketOf(truth);
          return found >= bucketStart(bucket) && found <= bucketEnd(bucket);
        }),
    },
  ],
};

const SHAPES = [
  { lgWidth: 4, depth: 2 },
  { lgWidth: 10, depth: 4 },
];

export const COUNTS: readonly SketchKind[] = [
  kindOf(
    'Count-Min',
    SHAPES.map((shape) => countMin({ ...shape, isConservative: false })),
  ),
  kindOf(
    'conservative Count-Min',
    SHAPES.map((shape) => countMin({ ...shape, isConservative: true })),
  ),
  kindOf('SpaceSaving', [spaceSaving(10, 'longs'), spaceSaving(100, 'texts')]),
  kindOf('Lossy Counting', [lossyCounting(50, 'longs'), lossyCounting(1000, 'texts')]),
  kindOf('heavy hitters', [heavyHitters('longs'), heavyHitters('texts')]),
  kindOf('sample', [reservoir('longs', false), reservoir('texts', false)]),
  kindOf('weighted sample', [reservoir('longs', true)]),
  kindOf('Bloom', [bloom]),
  kindOf('fixed buckets', (['ignore', 'overflow', 'clip'] as const).map(fixedBuckets)),
  kindOf('approximate histogram', [approximateHistogram(20)]),
  kindOf('variance', [variance]),
  kindOf('Spectator', [spectator]),
];
