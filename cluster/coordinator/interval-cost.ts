import type { Interval } from '../../model/index.js';

/** Two segments a day apart cost half of what they cost at the same time. */
const HALF_LIFE_MS = 86_400_000;

/** Milliseconds in which the cost falls to 1/e. */
const UNIT_MS = HALF_LIFE_MS / Math.LN2;

/**
 * How likely it is that one query wants both: the integral of e^(−|x − y|) over x in one interval and y in the other,
 * times in units of a half-life by ln 2. In closed form, after Druid's `CostBalancerStrategy.intervalCost` (Apache
 * License 2.0), which splits intervals that overlap into a part before, the common part and the rest. Symmetric.
 */
export function intervalCost(a: Interval, b: Interval): number {
  const [first, second] = a.startMs <= b.startMs ? [a, b] : [b, a];
  return costFromZero(
    (first.endMs - first.startMs) / UNIT_MS,
    (second.startMs - first.startMs) / UNIT_MS,
    (second.endMs - first.startMs) / UNIT_MS,
  );
}

/** What an interval brings into the cost of a pair that does not overlap, at this distance from where the other's part ends. */
export const reachOf = ({ startMs, endMs }: Interval, distanceMs: number): number =>
  -Math.expm1((startMs - endMs) / UNIT_MS) * Math.exp(-distanceMs / UNIT_MS);

/** Of [0, x1) and [y0, y1), where y0 is not negative. */
function costFromZero(x1: number, y0: number, y1: number): number {
  if (x1 <= 0 || y1 <= y0) return 0;
  if (y0 >= x1) return apart(x1, y0, y1);
  const common = Math.min(x1, y1) - y0;
  const whole = Math.max(x1, y1) - y0;
  return (
    costFromZero(y0, y0, y1) +
    costFromZero(common, common, whole) +
    // Within the common part: 2·(β + e^(−β) − 1), where expm1 keeps the digits of a short one.
    2 * (common + Math.expm1(-common))
  );
}

/** (1 − e^(−length of X)) · (1 − e^(−length of Y)) · e^(−gap): a product, so that short intervals keep their digits. */
const apart = (x1: number, y0: number, y1: number): number =>
  Math.expm1(-x1) * Math.expm1(y0 - y1) * Math.exp(x1 - y0);
