import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atOnce, SeededRandom } from '../../core/index.js';
import type { KnownSegment } from './cluster-state.js';
import { mergeConfig } from './dynamic-config.js';
import { intervalCost } from './interval-cost.js';
import { ServerCost } from './server-cost.js';
import { SimulatedCluster, segmentOf } from './simulated-cluster-testing.js';

const segment = fc
  .tuple(fc.constantFrom('t', 'u'), fc.integer({ min: 50, max: 99 }), fc.nat(3))
  .map(([table, day, partition]) => segmentOf(table, day, partition));

const segments = fc.uniqueArray(segment, { selector: ({ idText }) => idText, maxLength: 30 });

/** Every pair, twice within a table. */
const naiveCost = (one: KnownSegment, others: readonly KnownSegment[]): number =>
  others.reduce(
    (sum, { id }) =>
      sum +
      intervalCost(one.id.interval, id.interval) * (one.id.dataSource === id.dataSource ? 2 : 1),
    0,
  );

test('what a segment costs beside others is the sum of its pairs', () => {
  fc.assert(
    fc.property(segments, segments, segment, (all, gone, one) => {
      const cost = new ServerCost([...all, ...gone]);
      for (const each of gone) cost.remove(each);
      const wanted = naiveCost(one, all);
      // Far apart they cost nothing, or less than any digit that counts.
      expect(Math.abs(cost.of(one) - wanted)).toBeLessThanOrEqual(1e-12 + 1e-9 * wanted);
      const isThere = all.some(({ idText }) => idText === one.idText);
      const others = all.filter(({ idText }) => idText !== one.idText);
      if (isThere) expect(cost.of(one, true)).toBeCloseTo(naiveCost(one, others), 9);
    }),
  );
});

/** Three servers, on each a part of the segments. */
function world(all: readonly KnownSegment[], seed: number, spread = 3): SimulatedCluster {
  const cluster = new SimulatedCluster(new SeededRandom(seed));
  for (const n of [0, 1, 2]) cluster.addServer(`s${n}`);
  cluster.setRules('_default', [{ type: 'loadForever', tieredReplicants: { _default_tier: 1 } }]);
  cluster.addSegments(...all);
  for (const [i, each] of all.entries()) {
    cluster.servers.get(`s${i % spread}`)!.served.set(each.idText, each);
  }
  return cluster;
}

test('moves make the sum of all costs smaller, each of them', () => {
  fc.assert(
    fc.property(segments, fc.integer(), (all, seed) => {
      const cluster = world(all, seed, 2);
      const totalCost = () =>
        [...cluster.servers.values()]
          .map(({ served }) => [...served.values()])
          .reduce((sum, list) => sum + list.reduce((s, each) => s + naiveCost(each, list), 0), 0);
      const mayMove = (maxSegmentsToMove: number) => {
        const limits = { smartSegmentLoading: false, maxSegmentsToMove };
        cluster.config = mergeConfig(cluster.config, limits);
      };
      for (let i = 0; i < 10; i++) {
        const before = totalCost();
        mayMove(1);
        const { orders } = cluster.round();
        cluster.work();
        // Only the drop of what was moved.
        mayMove(0);
        cluster.round();
        cluster.work();
        if (orders.length > 0) expect(totalCost()).toBeLessThan(before);
      }
    }),
    { numRuns: 40 },
  );
});

test('what is missing is loaded once, the newest first, however many limits replicas have', () => {
  fc.assert(
    fc.property(segments, fc.nat(5), fc.integer(), (all, queued, seed) => {
      const cluster = world([], seed);
      cluster.addSegments(...all);
      cluster.config = mergeConfig(cluster.config, {
        smartSegmentLoading: false,
        replicationThrottleLimit: 1,
        maxSegmentsInNodeLoadingQueue: queued,
      });
      cluster.setRules('t', [{ type: 'loadForever', tieredReplicants: { _default_tier: 2 } }]);
      const days = all.map(({ id }) => id.interval.endMs).sort((a, b) => b - a);
      const most = queued === 0 ? all.length : Math.min(all.length, 3 * queued);
      const loads = cluster.round().orders.filter(({ kind }) => kind === 'load');
      expect(loads.map(({ segment: { id } }) => id.interval.endMs)).toEqual(days.slice(0, most));
      expect(new Set(loads.map(({ segment: { idText } }) => idText)).size).toBe(most);
    }),
  );
});

test('tiers that nobody has, and segments that no rule is about, are told', () => {
  const cluster = world([segmentOf('t', 90), segmentOf('u', 91), segmentOf('u', 92)], 1);
  cluster.setRules('t', [{ type: 'loadForever', tieredReplicants: { hot: 2 } }]);
  cluster.setRules('_default', [{ type: 'loadByInterval', interval: '2000/2001' }]);
  const { orders, stats } = cluster.round();
  expect(orders).toEqual([]);
  expect(stats).toEqual({
    orders: { load: 0, replica: 0, move: 0, drop: 0, cancel: 0 },
    unavailable: new Map(),
    missingReplicas: new Map([['hot', 2]]),
    withoutRule: new Map([['u', 2]]),
    unknownTiers: ['hot'],
  });
});

test('a server that leaves gives away what it has, and gets nothing', () => {
  const all = [90, 91, 92].map((day) => segmentOf('t', day));
  const cluster = world(all, 1);
  cluster.config = mergeConfig(cluster.config, { decommissioningNodes: 's0' });
  const { orders } = cluster.round();
  expect(orders.filter(({ kind }) => kind === 'move')).toHaveLength(1);
  expect(cluster.copies(all[0]!.idText)).toEqual(['s0']);
  for (let i = 0; i < 8; i++) {
    cluster.work();
    cluster.round();
  }
  expect(cluster.servers.get('s0')!.served.size).toBe(0);
  for (const { idText } of all) expect(cluster.copies(idText)).toHaveLength(1);
});

test('a drop is taken back when the other copy is lost', () => {
  const one = segmentOf('t', 90);
  const cluster = world([one], 1);
  cluster.servers.get('s1')!.served.set(one.idText, one);
  const [drop] = cluster.round().orders;
  expect(drop).toMatchObject({ kind: 'drop' });
  cluster.servers.delete(drop!.server === 's0' ? 's1' : 's0');
  expect(cluster.round().orders).toEqual([{ ...drop, kind: 'cancel' }]);
});

const HOUR_MS = 3_600_000;

test('segments of any length, of many at a time, cost what their pairs do', () => {
  const anySegment = fc
    .record({
      table: fc.constantFrom('t', 'u', 'v'),
      startMs: fc.integer({ min: 0, max: 24 * 60 }).map((hour) => hour * HOUR_MS),
      hours: fc.constantFrom(1, 1, 6, 24, 24 * 7, 24 * 31),
    })
    .map(({ table, startMs, hours }) => {
      const segment = segmentOf(table, 0);
      const interval = { startMs, endMs: startMs + hours * HOUR_MS };
      return { ...segment, id: { ...segment.id, interval } };
    });
  fc.assert(
    fc.property(
      fc.array(anySegment, { maxLength: 60 }),
      fc.array(anySegment, { maxLength: 5 }),
      anySegment,
      (all, later, one) => {
        const cost = new ServerCost(all);
        atOnce(cost.sumUp());
        for (const each of later) cost.add(each);
        const near = [...all, ...later].filter(
          ({ id: { interval } }) =>
            Math.max(
              interval.startMs - one.id.interval.endMs,
              one.id.interval.startMs - interval.endMs,
            ) <=
            45 * 24 * HOUR_MS,
        );
        const wanted = naiveCost(one, near);
        expect(Math.abs(cost.of(one) - wanted)).toBeLessThanOrEqual(1e-10 + 1e-9 * wanted);
      },
    ),
  );
});
