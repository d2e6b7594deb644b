import type { Bounds } from '../bounds.js';
import { MAX_THETA_NUMBER } from './theta-sketch.js';

/** A sample of distinct values: those with hashes below theta. */
interface ThetaSample {
  readonly count: number;
  readonly theta: bigint;
  estimate(): number;
}

/**
 * The estimate of a theta or tuple sketch, and bounds `deviations` (1 to 3) standard deviations away.
 *
 * Of N values each is kept with the probability theta, so that the count of kept ones is binomial: the bounds are the N for
 * which as few, or as many, were kept as would happen with the probability of the tail (Clopper, Pearson, Biometrika
 * 26, 1934). Beyond 120 kept hashes by the normal approximation (Wilson, JASA 22, 1927), as DataSketches does.
 */
export function thetaBounds(sketch: ThetaSample, deviations: number): Bounds {
  const estimate = sketch.estimate();
  const { count } = sketch;
  const theta = Number(sketch.theta) / MAX_THETA_NUMBER;
  if (theta === 1) return { estimate, lower: estimate, upper: estimate };
  const lower =
    count > MANY ? wilson(count, theta, -deviations) : exactLower(count, theta, deviations);
  const upper =
    count > MANY ? wilson(count, theta, deviations) : exactUpper(count, theta, deviations);
  return {
    estimate,
    lower: Math.min(estimate, Math.max(count, lower)),
    upper: Math.max(estimate, upper),
  };
}

const MANY = 120;

/** With the correction for continuity: half a kept hash, half a value. */
function wilson(count: number, theta: number, deviations: number): number {
  const half = Math.sign(deviations) / 2;
  const mean = (count + half) / theta;
  const b = deviations * Math.sqrt((1 - theta) / theta);
  return mean + (b * b) / 2 + (b / 2) * Math.sqrt(b * b + 4 * mean) + half;
}

function exactLower(count: number, theta: number, deviations: number): number {
  if (count === 0) return 0;
  const tail = TAILS[deviations - 1]!;
  return rootOf((n) => tail - (1 - atMost(count - 1, n, theta)), count, count / theta);
}

function exactUpper(count: number, theta: number, deviations: number): number {
  const tail = TAILS[deviations - 1]!;
  const surely = (count + 10 + 10 * Math.sqrt(count + 1)) / theta;
  return rootOf((n) => atMost(count, n, theta) - tail, count, surely);
}

/** The probability of at most `count` of n, which need not be whole. */
function atMost(count: number, n: number, theta: number): number {
  let term = Math.exp(n * Math.log1p(-theta));
  let sum = term;
  for (let i = 0; i < count && i < n; i++) {
    term *= (((n - i) / (i + 1)) * theta) / (1 - theta);
    sum += term;
  }
  return sum;
}

/** Where a falling function crosses 0, from `low` to `high`. */
function rootOf(f: (n: number) => number, low: number, high: number): number {
  let [from, to] = [low, high];
  for (let i = 0; i < 60; i++) {
    const middle = (from + to) / 2;
    if (f(middle) > 0) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

/** What lies beyond 1, 2 and 3 standard deviations on one side of a normal distribution. */
const TAILS = [0.158655253931457, 0.0227501319481792, 0.00134989803163009];
