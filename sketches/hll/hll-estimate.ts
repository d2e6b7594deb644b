import { flajolet, rawMean } from './raw-mean.js';

/**
 * How many values so many distinct coupons stand for. Two values may have one coupon (2^26 addresses, ranks that halve):
 * the cubic through the four nearest known pairs, as Apache DataSketches has it, to the last digit.
 */
export function couponEstimate(count: number): number {
  let at = 0;
  while (at < COUPONS.length - 4 && COUPONS[at + 2]![0]! <= count) at++;
  return Math.max(count, cubic(COUPONS.slice(at, at + 4), count));
}

/** Relative standard error of that. */
export const couponError = (): number => 0.409 / 2 ** 13;

/** Relative standard error of registers: Flajolet's, √(3 ln 2 - 1) / √k, or, in order of arrival, √(ln 2) / √k. */
export function registerError(lgK: number, isInOrder: boolean): number {
  return Math.sqrt((isInOrder ? Math.LN2 : 3 * Math.LN2 - 1) / 2 ** lgK);
}

/**
 * Estimates from registers alone: Flajolet's estimate, of which the bias is taken away, or linear counting of the
 * registers in use where that is the better one. The latter is decided by the mean of both, which is less biased.
 */
export function compositeEstimate(ranks: Uint8Array): number {
  const k = ranks.length;
  let sum = 0;
  let zeros = 0;
  for (let i = 0; i < k; i++) {
    sum += INVERSES[ranks[i]!]!;
    if (ranks[i] === 0) zeros++;
  }
  const adjusted = withoutBias(k, flajolet(k, sum));
  if (adjusted > 3 * k) return adjusted;
  const linear = zeros === 0 ? k * Math.log(2 * k) : k * (harmonic(k) - harmonic(zeros));
  return (adjusted + linear) / 2 > crossover(k) * k ? adjusted : linear;
}

/** 2^-rank of every rank there may be. */
export const INVERSES = Float64Array.from({ length: 64 }, (_, rank) => 2 ** -rank);

/** The count of which `raw` is the mean estimate, up to 10k by a table; beyond, the relative bias stays the same. */
function withoutBias(k: number, raw: number): number {
  const means = meansOf(k);
  const last = means.length - 1;
  if (raw <= means[0]!) return 0;
  if (raw >= means[last]!) return (raw / means[last]!) * last * (k / STEPS);
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (means[middle]! <= raw) low = middle;
    else high = middle;
  }
  const from = Math.min(Math.max(low - 1, 0), last - 3);
  const pairs = [0, 1, 2, 3].map((i) => [means[from + i]!, (from + i) * (k / STEPS)] as const);
  return cubic(pairs, raw);
}

/** Mean estimates of 0, k / 16, 2k / 16 … 10k values. */
function meansOf(k: number): Float64Array {
  const known = MEANS.get(k);
  if (known !== undefined) return known;
  const means = Float64Array.from({ length: 10 * STEPS + 1 }, (_, i) =>
    rawMean(k, (i * k) / STEPS),
  );
  MEANS.set(k, means);
  return means;
}

const STEPS = 16;
const MEANS = new Map<number, Float64Array>();

/** Where, as measured by the authors of DataSketches, errors of both estimators are alike. */
const crossover = (k: number): number => (k === 16 ? 0.718 : k === 32 ? 0.672 : 0.64);

/** Lagrange's cubic through four points. */
function cubic(points: readonly (readonly number[])[], x: number): number {
  let sum = 0;
  for (let i = 0; i < 4; i++) {
    let [top, bottom] = [1, 1];
    for (let j = 0; j < 4; j++) {
      if (i === j) continue;
      top *= x - points[j]![0]!;
      bottom *= points[i]![0]! - points[j]![0]!;
    }
    sum += (points[i]![1]! * top) / bottom;
  }
  return sum;
}

/** 1 + 1/2 + … + 1/n. */
function harmonic(n: number): number {
  if (n < 25) {
    let sum = 0;
    for (let i = n; i >= 1; i--) sum += 1 / i;
    return sum;
  }
  const square = 1 / (n * n);
  const series = 1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240));
  return Math.log(n) + EULER + 1 / (2 * n) - square * series;
}

const EULER = 0.5772156649015329;

/** Distinct coupons, and how many values give as many on the average. */
const COUPONS: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 1],
  [20, 20.00000094374026],
  [400, 400.0003963713384],
  [8000, 8000.158929460209],
  [160_000, 160_063.60677637596],
  [300_000, 300_223.70715976635],
  [600_000, 600_895.593385617],
];
