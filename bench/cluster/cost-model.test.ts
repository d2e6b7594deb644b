import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Costs, estimate } from './cost-model.js';
import { lineThrough } from './line.js';

const COSTS: Costs = {
  broker: { query: 1, segment: 0.01, node: 0.1, group: 0.001 },
  historical: { query: 0.5, segment: 0.02, row: 1e-6 },
};
const CLUSTER = { historicals: 10, coresOfHistorical: 4, brokers: 2, networkMs: 0.5 };

describe('the estimate', () => {
  test('adds up what is done one after the other', () => {
    const query = { segments: 100, rowsOfSegment: 1_000_000, groups: 50 };
    const found = estimate(COSTS, CLUSTER, query);
    expect(found).toMatchObject({ nodes: 10, segmentsOfNode: 10, busiest: 'historicals' });
    // 1 + 100 × 0.01 + 10 × (0.1 + 50 × 0.001)
    expect(found.brokerMs).toBeCloseTo(3.5);
    // 0.5 + 10 × (0.02 + 1)
    expect(found.historicalMs).toBeCloseTo(10.7);
    // 0.5 + 3.5 + 0.5 + 10.2 / 4
    expect(found.latencyMs).toBeCloseTo(7.05);
    // Forty cores, 107 ms of them for a question; two brokers could take 571.
    expect(found.perSecond).toBeCloseTo(40_000 / 107);
  });

  test('asks no more nodes than there are segments', () => {
    const found = estimate(COSTS, CLUSTER, { segments: 3, rowsOfSegment: 0, groups: 0 });
    expect(found).toMatchObject({ nodes: 3, segmentsOfNode: 1, busiest: 'brokers' });
    expect(found.perSecond).toBeCloseTo(2000 / 1.33);
  });
});

const cost = fc.double({ min: 0.01, max: 100, noNaN: true });

test('a line is found again', () => {
  const xs = fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(cost, cost, xs, (base, slope, all) => {
      const line = lineThrough(all.map((x) => ({ x, y: base + slope * x })));
      for (const x of all) {
        const want = base + slope * x;
        expect(Math.abs(line.base + line.slope * x - want)).toBeLessThan(1e-3 * want);
      }
    }),
  );
});

test('nothing costs less than nothing', () => {
  const falling = lineThrough([
    { x: 1, y: 3 },
    { x: 2, y: 2 },
  ]);
  expect(falling.slope).toBe(0);
  expect(falling.base).toBeGreaterThan(2);
  const steep = lineThrough([
    { x: 1, y: 1 },
    { x: 2, y: 4 },
  ]);
  expect(steep.base).toBe(0);
  expect(steep.slope).toBeGreaterThan(1);
});
