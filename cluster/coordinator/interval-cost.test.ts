import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Interval } from '../../model/index.js';
import { intervalCost } from './interval-cost.js';

const HOUR_MS = 3_600_000;
const PER_HOUR = Math.LN2 / 24;

/** By the midpoints of a grid, in units of a half-life by ln 2. */
function naiveCost(a: Interval, b: Interval): number {
  const STEPS = 300;
  const points = ({ startMs, endMs }: Interval) => {
    const step = ((endMs - startMs) / HOUR_MS / STEPS) * PER_HOUR;
    const from = (startMs / HOUR_MS) * PER_HOUR;
    return { step, at: Array.from({ length: STEPS }, (_, i) => from + (i + 0.5) * step) };
  };
  const [xs, ys] = [points(a), points(b)];
  let sum = 0;
  for (const x of xs.at) for (const y of ys.at) sum += Math.exp(-Math.abs(x - y));
  return sum * xs.step * ys.step;
}

const interval = fc
  .tuple(fc.integer({ min: -200, max: 200 }), fc.integer({ min: 0, max: 100 }))
  .map(([from, length]) => ({ startMs: from * HOUR_MS, endMs: (from + length) * HOUR_MS }));

test('the closed form is the integral, and symmetric', () => {
  fc.assert(
    fc.property(interval, interval, (a, b) => {
      const cost = intervalCost(a, b);
      expect(intervalCost(b, a)).toBe(cost);
      const naive = naiveCost(a, b);
      expect(Math.abs(cost - naive)).toBeLessThanOrEqual(1e-3 * naive + 1e-12);
    }),
    { numRuns: 60 },
  );
});

test('a day apart costs half', () => {
  const day = (from: number) => ({
    startMs: from * 24 * HOUR_MS,
    endMs: (from + 1) * 24 * HOUR_MS,
  });
  expect(intervalCost(day(0), day(3)) / intervalCost(day(0), day(2))).toBeCloseTo(0.5, 12);
});
