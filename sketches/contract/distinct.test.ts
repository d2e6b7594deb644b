import { hllImage, readHllImage } from '../hll/hll-image.js';
import { HllSketch, type HllType } from '../hll/hll-sketch.js';
import { HyperLogLog } from '../hyper-log-log.js';
import { entryOfHash } from '../sketch-entry.js';
import { thetaBounds } from '../theta/theta-bounds.js';
import { readThetaImage, thetaImage } from '../theta/theta-image.js';
import { ThetaSketch } from '../theta/theta-sketch.js';
import { checkBytes } from './bytes-testing.js';
import { type SketchContract, withinDeviations } from './contract-testing.js';
import { checkErrors } from './errors-testing.js';
import type { Stream } from './stream-testing.js';

const GOLDEN: Readonly<Record<string, string>> = {};

const relativeError = (sketch: { estimate(): number }, { distinctCount }: Stream): number =>
  sketch.estimate() / distinctCount - 1;

const hyperLogLog = (lgK: number): SketchContract<HyperLogLog> => {
  const name = `HyperLogLog ${lgK}`;
  return {
    name,
    make: () => new HyperLogLog(lgK),
    update: (sketch, _, hash) => sketch.addEntry(entryOfHash(hash)),
    merge: (target, source) => target.merge(source),
    isOrderless: true,
    bytes: (sketch) => sketch.toBytes(),
    read: (bytes) => HyperLogLog.fromBytes(bytes),
    answers: (sketch) => [sketch.estimate()],
    bounds: withinDeviations(
      'estimate',
      (sketch, stream) => relativeError(sketch, stream) / (1.04 / 2 ** (lgK / 2)),
    ),
    golden: GOLDEN[name]!,
  };
};

/** With and without the order of arrival; each type of registers for every third lgK. */
const hll = (lgK: number, isInOrder: boolean): SketchContract<HllSketch> => {
  const type = TYPES[lgK % TYPES.length]!;
  const name = `${type} ${lgK}${isInOrder ? ' in order' : ''}`;
  const deviation = (isInOrder ? 0.83 : 1.04) / 2 ** (lgK / 2);
  return {
    name,
    make: () => new HllSketch(lgK, type, isInOrder),
    update: (sketch, _, hash) => sketch.add(hash),
    merge: isInOrder ? null : (target, source) => target.merge(source),
    isOrderless: !isInOrder,
    bytes: hllImage,
    read: readHllImage,
    answers: (sketch) => [sketch.estimate(), sketch.bounds(1), sketch.lgK],
    bounds: [
      ...withinDeviations<HllSketch>(
        'estimate',
        (sketch, stream) => relativeError(sketch, stream) / deviation,
      ),
      {
        name: 'bounds of 2 standard deviations',
        chance: 0.0455,
        holds: (sketch, { distinctCount }) => {
          const { lower, upper } = sketch.bounds(2);
          return lower <= distinctCount && distinctCount <= upper;
        },
      },
    ],
    golden: GOLDEN[name]!,
  };
};

const TYPES: readonly HllType[] = ['HLL_4', 'HLL_6', 'HLL_8'];

const theta = (lgK: number): SketchContract<ThetaSketch> => {
  const k = 2 ** lgK;
  const name = `theta ${lgK}`;
  return {
    name,
    make: () => new ThetaSketch(lgK),
    update: (sketch, _, hash) => sketch.add(hash),
    merge: (target, source) => target.merge(source),
    isOrderless: true,
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
      {
        name: 'bounds of 2 standard deviations',
        chance: 0.0455,
        holds: (sketch, { distinctCount }) => {
          const { lower, upper } = thetaBounds(sketch, 2);
          return lower <= distinctCount && distinctCount <= upper;
        },
      },
    ],
    golden: GOLDEN[name]!,
  };
};

const LG_KS = Array.from({ length: 18 }, (_, i) => 4 + i);

const ROWS = [
  ...LG_KS.map(hyperLogLog),
  ...LG_KS.map((lgK) => hll(lgK, false)),
  ...LG_KS.map((lgK) => hll(lgK, true)),
  ...[4, 6, 10, 12, 14, 16].map(theta),
];

checkErrors(ROWS as readonly SketchContract<unknown>[]);
checkBytes(ROWS as readonly SketchContract<unknown>[]);
