import { SeededRandom } from '../../core/index.js';
import type { KllNumbers } from '../kll/kll-image.js';
import { KllSketch } from '../kll/kll-sketch.js';
import { momentImage, readMomentImage } from '../moments/moment-image.js';
import { MomentSketch } from '../moments/moment-sketch.js';
import { mostMassAt } from '../moments/most-mass-testing.js';
import { quantilesImage, readQuantilesImage } from '../quantiles/quantiles-image.js';
import { QuantilesView } from '../quantiles/quantiles-query.js';
import { QuantilesSketch } from '../quantiles/quantiles-sketch.js';
import { TDigest } from '../t-digest/t-digest.js';
import { readTDigestImage, tDigestImage } from '../t-digest/t-digest-image.js';
import { type Bound, kindOf, type SketchContract, type SketchKind } from './contract-testing.js';
import type { Stream } from './stream-testing.js';

const FRACTIONS = [0.01, 0.1, 0.5, 0.9, 0.99];

/** How far a fraction is from those at which a number stands in the order of all. */
function rankError(stream: Stream, number: number, fraction: number): number {
  const { below, upTo } = stream.ranksOf(number);
  return Math.max(below / stream.length - fraction, fraction - upTo / stream.length, 0);
}

/** In 99 of 100 sketches a rank, and that of a quantile, is off by `error` of all numbers or less. */
function rankBounds<S>(
  error: (sketch: S) => number,
  rank: (sketch: S, number: number) => number,
  quantile: (sketch: S, fraction: number) => number,
): Bound<S>[] {
  return FRACTIONS.flatMap((fraction) => [
    {
      name: `rank at ${fraction}`,
      chance: 0.01,
      holds: (sketch, stream) => {
        const number = stream.quantile(fraction);
        return rankError(stream, number, rank(sketch, number)) <= error(sketch);
      },
    },
    {
      name: `quantile ${fraction}`,
      chance: 0.01,
      holds: (sketch, stream) =>
        rankError(stream, quantile(sketch, fraction), fraction) <= error(sketch),
    },
  ]);
}

/** The same of a number that may lie between two of the stream: as near as either of them is. */
function rankErrorBetween(stream: Stream, number: number, fraction: number): number {
  const { below, upTo } = stream.ranksOf(number);
  if (below < upTo || below === 0) return rankError(stream, number, fraction);
  const { below: from } = stream.ranksOf(stream.sorted[below - 1]!);
  const { upTo: to } = stream.ranksOf(stream.sorted[Math.min(upTo, stream.length - 1)]!);
  return Math.max(from / stream.length - fraction, fraction - to / stream.length, 0);
}

const hasExtremes = <S extends { readonly min: number; readonly max: number }>(): Bound<S> => ({
  name: 'least and most',
  chance: 0,
  holds: ({ min, max }, { sorted }) => min === sorted[0] && max === sorted.at(-1),
});

const quantiles = (k: number): SketchContract<QuantilesSketch> => {
  return {
    name: `quantiles ${k}`,
    make: () => new QuantilesSketch(k),
    update: (sketch, value) => sketch.add(value),
    merge: (target, source) => target.merge(source),
    isOrderless: false,
    isCanonical: false,
    bytes: quantilesImage,
    read: readQuantilesImage,
    answers(sketch) {
      const view = new QuantilesView(sketch);
      const { k, n, min, max } = sketch;
      return [k, n, min, max, ...FRACTIONS.map((fraction) => view.quantile(fraction))];
    },
    bounds: [
      hasExtremes(),
      ...rankBounds<QuantilesSketch>(
        () => 1.576 / k ** 0.9726,
        (sketch, number) => new QuantilesView(sketch).rank(number),
        (sketch, fraction) => new QuantilesView(sketch).quantile(fraction),
      ),
    ],
  };
};

const kll = (k: number, of: KllNumbers, isByChance: boolean): SketchContract<KllSketch> => {
  const random = (seed: number) => (isByChance ? new SeededRandom(seed) : null);
  const rounded = (number: number) => (of === 'floats' ? Math.fround(number) : number);
  return {
    name: `KLL ${k} of ${of}${isByChance ? ', by chance' : ''}`,
    make: (seed) => new KllSketch(random(seed), k, of),
    update: (sketch, value) => sketch.add(value),
    merge: (target, source) => target.merge(source),
    isOrderless: false,
    isCanonical: true,
    bytes: (sketch) => sketch.toBytes(),
    read: (bytes) => KllSketch.fromBytes(bytes, random(1), of),
    answers: (sketch) => [
      ...[sketch.k, sketch.n, sketch.min, sketch.max, sketch.rankError],
      ...FRACTIONS.map((fraction) => sketch.quantile(fraction)),
    ],
    bounds: [
      {
        name: 'least and most',
        chance: 0,
        holds: ({ min, max }, { sorted }) =>
          min === rounded(sorted[0]!) && max === rounded(sorted.at(-1)!),
      },
      // Floats make ties of numbers of which they hold no more than 24 bits: their ranks are not those of the numbers.
      ...(of === 'floats' ? [] : BOUNDS_OF_KLL),
    ],
  };
};

const BOUNDS_OF_KLL = rankBounds<KllSketch>(
  (sketch) => sketch.rankError,
  (sketch, number) => sketch.rank(number)!,
  (sketch, fraction) => sketch.quantile(fraction)!,
);

/**
 * A quantile is off by less than the width of a cluster there. In merged digests clusters of several parts may lie over each other: of
 * thousands of quantiles one is off by more (measured: 1 in 7,500), none by two.
 */
const withinClusters = (
  clusters: number,
  chance: number,
  q: number,
  compression: number,
): Bound<TDigest> => ({
  name: `quantile ${q} within ${clusters}`,
  chance,
  holds: (sketch, stream) =>
    rankErrorBetween(stream, sketch.quantile(q), q) <=
    (clusters * 2 * Math.PI * Math.sqrt(q * (1 - q))) / compression + 1 / stream.length,
});

const tDigest = (compression: number): SketchContract<TDigest> => {
  return {
    name: `t-digest ${compression}`,
    make: () => new TDigest(compression),
    update: (sketch, value) => sketch.add(value),
    merge: (target, source) => target.merge(source),
    isOrderless: false,
    isCanonical: false,
    bytes: tDigestImage,
    read: readTDigestImage,
    answers: (sketch) => [
      ...[sketch.count, sketch.min, sketch.max],
      ...FRACTIONS.map((fraction) => sketch.quantile(fraction)),
    ],
    bounds: [
      hasExtremes(),
      ...FRACTIONS.flatMap((q) => [
        withinClusters(1, 0.001, q, compression),
        withinClusters(2, 0, q, compression),
      ]),
    ],
  };
};

/** Where they are compressed, least and most are rounded. */
const moments = (k: number, isCompressed: boolean): SketchContract<MomentSketch> => {
  const isNear = (a: number, b: number) => Math.abs(a - b) <= Math.abs(b) * 1e-13;
  const values = (sketch: MomentSketch) => sketch.quantiles(FRACTIONS);
  return {
    name: `${k} moments${isCompressed ? ', compressed' : ''}`,
    make: () => new MomentSketch(k, isCompressed),
    update: (sketch, value) => sketch.add(value),
    merge: (target, source) => target.merge(source),
    isOrderless: false,
    isCanonical: false,
    bytes: momentImage,
    read: readMomentImage,
    // Quantiles of these follow from them; they take too long to be asked of all that is damaged.
    answers: (sketch) => [sketch.count, sketch.min, sketch.max, sketch.state()],
    bounds: [
      {
        name: 'count, least and most',
        chance: 0,
        holds: ({ count, min, max }, { length, sorted }) =>
          count === length && isNear(min, sorted[0]!) && isNear(max, sorted.at(-1)!),
      },
      {
        name: 'quantiles within what the moments allow',
        chance: 0,
        holds: (sketch, stream) =>
          values(sketch).every(
            (value, i) => rankError(stream, value, FRACTIONS[i]!) <= mostMassAt(sketch, value),
          ),
      },
    ],
  };
};

export const QUANTILES: readonly SketchKind[] = [
  kindOf('quantiles', [8, 128, 1024].map(quantiles)),
  kindOf(
    'KLL by chance',
    [8, 200, 800].map((k) => kll(k, 'doubles', true)),
  ),
  kindOf('KLL', [kll(20, 'doubles', false), kll(200, 'doubles', false), kll(200, 'floats', false)]),
  kindOf('t-digest', [20, 100, 500].map(tDigest)),
  kindOf('moments', [moments(13, true), moments(13, false), moments(6, true)]),
];
