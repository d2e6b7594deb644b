import type { Bounds } from '../bounds.js';
import { hllImage, readHllImage } from '../hll/hll-image.js';
import { HllSketch, type HllType } from '../hll/hll-sketch.js';
import { HyperLogLog } from '../hyper-log-log.js';
import { entryOfHash, entryOfLong } from '../sketch-entry.js';
import { thetaBounds } from '../theta/theta-bounds.js';
import { readThetaImage, thetaImage } from '../theta/theta-image.js';
import { ThetaSketch } from '../theta/theta-sketch.js';
import { readTupleImage, tupleImage } from '../tuple/tuple-image.js';
import { TupleSketch } from '../tuple/tuple-sketch.js';
import {
  type Bound,
  kindOf,
  type SketchContract,
  type SketchKind,
  TAILS,
  type Tails,
  withinDeviations,
} from './contract-testing.js';
import type { Stream } from './stream-testing.js';

const relativeError = (sketch: { estimate(): number }, { distinctCount }: Stream): number =>
  sketch.estimate() / distinctCount - 1;

/** The count lies between bounds of 2 and 3 standard deviations. */
function boundsOf<S>(bounds: (sketch: S, deviations: number) => Bounds, tails = TAILS): Bound<S>[] {
  return ([2, 3] as const).map((deviations) => ({
    name: `bounds of ${deviations} standard deviations`,
    chance: tails[deviations],
    holds: (sketch, { distinctCount }) => {
      const { lower, upper } = bounds(sketch, deviations);
      return lower <= distinctCount && distinctCount <= upper;
    },
  }));
}

/**
 * Flajolet's errors are skewed where registers are few: more estimates than of a normal distribution are far too large.
 * Measured of 40,000 random sketches of 2^4 registers: 0.053 and 0.016; of 2^5: 0.045 and 0.010; of 2^6: 0.041 and 0.005.
 */
const tailsOfRegisters = (lgK: number): Tails => ({
  2: TAILS[2] * (1 + 0.2 / 2 ** (lgK - 4)),
  3: TAILS[3] * (1 + 5 / 2 ** (lgK - 4)),
});

/** Numbers are hashed otherwise than texts. */
const hyperLogLog = (lgK: number, of: 'texts' | 'numbers'): SketchContract<HyperLogLog> => {
  return {
    name: `HyperLogLog ${lgK} of ${of}`,
    make: () => new HyperLogLog(lgK),
    update: (sketch, value, hash) =>
      sketch.addEntry(of === 'texts' ? entryOfHash(hash) : entryOfLong(value)),
    merge: (target, source) => target.merge(source),
    isOrderless: true,
    isCanonical: true,
    bytes: (sketch) => sketch.toBytes(),
    read: (bytes) => HyperLogLog.fromBytes(bytes),
    answers: (sketch) => [sketch.estimate()],
    bounds: withinDeviations(
      'estimate',
      (sketch, stream) => relativeError(sketch, stream) / (1.04 / 2 ** (lgK / 2)),
      tailsOfRegisters(lgK),
    ),
  };
};

/** With and without the order of arrival; each type of registers for every third lgK. */
const hll = (lgK: number, isInOrder: boolean): SketchContract<HllSketch> => {
  const type = TYPES[lgK % TYPES.length]!;
  return {
    name: `${type} ${lgK}${isInOrder ? ' in order' : ''}`,
    make: () => new HllSketch(lgK, type, isInOrder),
    update: (sketch, _, hash) => sketch.add(hash),
    merge: isInOrder ? null : (target, source) => target.merge(source),
    isOrderless: !isInOrder,
    isCanonical: false,
    bytes: hllImage,
    read: readHllImage,
    answers: (sketch) => [sketch.estimate(), sketch.bounds(1), sketch.lgK],
    bounds: boundsOf((sketch, deviations) => sketch.bounds(deviations), tailsOfRegisters(lgK)),
  };
};

const TYPES: readonly HllType[] = ['HLL_4', 'HLL_6', 'HLL_8'];

const theta = (lgK: number): SketchContract<ThetaSketch> => {
  const k = 2 ** lgK;
  return {
    name: `theta ${lgK}`,
    make: () => new ThetaSketch(lgK),
    update: (sketch, _, hash) => sketch.add(hash),
    merge: (target, source) => target.merge(source),
    isOrderless: true,
    isCanonical: false,
    bytes: thetaImage,
    read: (bytes) => readThetaImage(bytes, lgK),
    answers: (sketch) => [sketch.estimate(), sketch.theta, sketch.count, thetaBounds(sketch, 2)],
    bounds: [
      {
        name: 'exact up to k',
        chance: 0,
        holds: (sketch, { distinctCount }) =>
          distinctCount > k || sketch.estimate() === distinctCount,
      },
      ...withinDeviations<ThetaSketch>(
        'estimate',
        (sketch, stream) => relativeError(sketch, stream) * Math.sqrt(k - 1),
      ),
      ...boundsOf(thetaBounds),
    ],
  };
};

/** Of one value per key, of which the sum is a multiple of the count. */
const tuple = (lgK: number): SketchContract<TupleSketch> => {
  const k = 2 ** lgK;
  return {
    name: `tuple ${lgK}`,
    make: () => new TupleSketch(lgK, 1),
    update: (sketch, _, hash) => sketch.add(hash, new Float64Array(sketch.width).fill(2)),
    merge: (target, source) => target.merge(source),
    isOrderless: true,
    isCanonical: false,
    bytes: tupleImage,
    read: (bytes) => readTupleImage(bytes, lgK),
    answers: (sketch) => [sketch.estimate(), sketch.theta, sketch.count, sketch.entries()],
    bounds: [
      {
        name: 'exact up to k',
        chance: 0,
        holds: (sketch, { distinctCount, length }) =>
          distinctCount > k ||
          (sketch.estimate() === distinctCount &&
            sketch.entries().values.reduce((sum, value) => sum + value, 0) === 2 * length),
      },
      ...withinDeviations<TupleSketch>(
        'estimate',
        (sketch, stream) => relativeError(sketch, stream) * Math.sqrt(k - 1),
      ),
    ],
  };
};

const LG_KS = Array.from({ length: 18 }, (_, i) => 4 + i);

export const DISTINCT: readonly SketchKind[] = [
  kindOf(
    'HyperLogLog of texts',
    LG_KS.map((lgK) => hyperLogLog(lgK, 'texts')),
  ),
  kindOf(
    'HyperLogLog of numbers',
    LG_KS.map((lgK) => hyperLogLog(lgK, 'numbers')),
  ),
  kindOf(
    'HLL',
    LG_KS.map((lgK) => hll(lgK, false)),
  ),
  kindOf(
    'HLL in order',
    [4, 8, 12, 16, 21].map((lgK) => hll(lgK, true)),
  ),
  kindOf('theta', [4, 6, 10, 12, 14, 16].map(theta)),
  kindOf('tuple', [4, 12].map(tuple)),
];
