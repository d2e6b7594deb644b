import { expect, test } from 'vitest';
import { ManualClock, SeededRandom } from '../../core/index.js';
import { Patience } from './patience.js';

const LIMITS = { firstMs: 10, longestMs: 80, totalMs: 1000 };

test('waits get longer up to a bound, by chance, and end some time after the first failure', async () => {
  const waits: number[] = [];
  const steady = new ManualClock(7);
  const wait = async (durationMs: number) => {
    waits.push(durationMs);
    steady.advance(durationMs);
  };
  const patience = new Patience({ random: new SeededRandom(1), steady, wait }, LIMITS);
  // What was tried took long before it failed.
  steady.advance(1e6);
  while (await patience.again()) expect(patience.attempts).toBe(waits.length);
  const full = waits.map((_, i) => Math.min(80, 10 * 2 ** i));
  for (const [i, durationMs] of waits.entries()) {
    expect(durationMs).toBeGreaterThanOrEqual(full[i]! / 2);
    expect(durationMs).toBeLessThanOrEqual(full[i]!);
  }
  expect(new Set(waits.slice(4)).size).toBeGreaterThan(1);
  const total = waits.reduce((sum, each) => sum + each, 0);
  expect(total).toBeGreaterThanOrEqual(1000);
  expect(total - waits.at(-1)!).toBeLessThan(1000);
});
