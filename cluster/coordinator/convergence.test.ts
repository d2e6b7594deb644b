import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../core/index.js';
import type { ClusterState, Order } from './cluster-state.js';
import { DEFAULT_CONFIG, mergeConfig } from './dynamic-config.js';
import { SimulatedCluster, segmentOf } from './simulated-cluster-testing.js';

const TIERS = ['_default_tier', 'hot'];

const RULES = [
  [{ type: 'loadForever', tieredReplicants: { _default_tier: 2 } }],
  [{ type: 'loadForever', tieredReplicants: { hot: 1, _default_tier: 1 } }],
  [
    { type: 'loadByPeriod', period: 'P20D', tieredReplicants: { hot: 2 } },
    { type: 'loadForever', tieredReplicants: { _default_tier: 1 } },
  ],
  [{ type: 'loadForever', tieredReplicants: { nobody: 1, hot: 1 } }],
  [{ type: 'loadForever', tieredReplicants: {} }],
  [{ type: 'broadcastForever' }],
];

/** What happens to a cluster between two rounds. */
const fault = fc.oneof(
  fc.record({
    type: fc.constant('join' as const),
    n: fc.nat(7),
    tier: fc.nat(1),
    room: fc.constantFrom(60, 300, 1e6),
  }),
  fc.record({ type: fc.constant('die' as const), n: fc.nat(7) }),
  fc.record({ type: fc.constant('decommission' as const), n: fc.nat(7) }),
  fc.record({ type: fc.constant('recommission' as const) }),
  fc.record({
    type: fc.constant('rules' as const),
    table: fc.constantFrom('t', 'u', '_default'),
    n: fc.nat(RULES.length - 1),
  }),
  fc.record({
    type: fc.constant('publish' as const),
    table: fc.constantFrom('t', 'u'),
    day: fc.integer({ min: 60, max: 99 }),
    count: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ type: fc.constant('unuse' as const), day: fc.integer({ min: 60, max: 99 }) }),
  fc.record({
    type: fc.constant('limits' as const),
    queue: fc.nat(3),
    replicas: fc.integer({ min: 1, max: 3 }),
    moves: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ type: fc.constant('wait' as const) }),
);

type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never;

function suffer(cluster: SimulatedCluster, event: Fault): void {
  switch (event.type) {
    case 'join':
      if (!cluster.servers.has(`s${event.n}`))
        cluster.addServer(`s${event.n}`, TIERS[event.tier], event.room);
      break;
    case 'die':
      cluster.servers.delete(`s${event.n}`);
      break;
    case 'decommission':
      cluster.config = { ...cluster.config, decommissioningNodes: [`s${event.n}`] };
      break;
    case 'recommission':
      cluster.config = { ...cluster.config, decommissioningNodes: [] };
      break;
    case 'rules':
      cluster.setRules(event.table, RULES[event.n]!);
      break;
    case 'publish':
      for (let i = 0; i < event.count; i++)
        cluster.addSegments(segmentOf(event.table, event.day, i));
      break;
    case 'unuse':
      for (const [
        id,
        {
          id: { interval },
        },
      ] of cluster.used) {
        if (interval.startMs === event.day * 86_400_000) cluster.used.delete(id);
      }
      break;
    case 'limits':
      cluster.config = mergeConfig(cluster.config, {
        smartSegmentLoading: false,
        maxSegmentsInNodeLoadingQueue: event.queue,
        replicationThrottleLimit: event.replicas,
        maxSegmentsToMove: event.moves,
      });
      break;
    case 'wait':
  }
}

/** What the rules of the test want, said once more. */
function naiveWants(state: ClusterState, id: string): Map<string, number> {
  const {
    id: { dataSource, interval },
  } = state.used.get(id)!;
  const lists = [...(state.rules.get(dataSource) ?? []), ...state.rules.get('_default')!];
  const { json } = lists.find(
    (rule) => rule.json.type !== 'loadByPeriod' || interval.endMs > state.nowMs - 20 * 86_400_000,
  )!;
  if (json.type !== 'broadcastForever')
    return new Map(Object.entries(json.tieredReplicants as Record<string, number>));
  return new Map(TIERS.map((tier) => [tier, staying(state, tier).length]));
}

const isLeaving = (state: ClusterState, name: string) =>
  state.config.decommissioningNodes.includes(name);

const staying = (state: ClusterState, tier: string) =>
  state.servers.filter((each) => each.tier === tier && !isLeaving(state, each.name));

/** Each order is one that may be given, and all together keep the limits. */
function checkOrders(before: ClusterState, after: ClusterState, orders: readonly Order[]): void {
  const servers = new Map(after.servers.map((each) => [each.name, each]));
  for (const { server, kind, segment } of orders) {
    const { served } = servers.get(server)!;
    if (kind === 'cancel') continue;
    expect(served.has(segment.idText)).toBe(kind === 'drop');
    if (kind !== 'drop') expect(isLeaving(before, server)).toBe(false);
  }
  const {
    smartSegmentLoading,
    maxSegmentsInNodeLoadingQueue: most,
    replicationThrottleLimit,
    maxSegmentsToMove,
  } = after.config;
  if (smartSegmentLoading) return;
  const given = (kind: Order['kind'], tier: string) =>
    orders.filter((order) => order.kind === kind && servers.get(order.server)!.tier === tier)
      .length;
  const underWay = (kind: Order['kind'], tier: string) =>
    after.servers
      .filter((each) => each.tier === tier)
      .flatMap(({ queue }) => [...queue.values()])
      .filter((order) => order.kind === kind).length;
  for (const tier of TIERS) {
    // Limits that were lowered let what is under way go on.
    if (given('replica', tier) > 0)
      expect(underWay('replica', tier)).toBeLessThanOrEqual(replicationThrottleLimit);
    if (given('move', tier) > 0)
      expect(underWay('move', tier)).toBeLessThanOrEqual(maxSegmentsToMove);
  }
  for (const { name, queue } of after.servers) {
    const isTold = orders.some(
      (order) => order.server === name && order.kind !== 'drop' && order.kind !== 'cancel',
    );
    const loads = [...queue.values()].filter(({ kind }) => kind !== 'drop').length;
    if (isTold && most > 0) expect(loads).toBeLessThanOrEqual(most);
  }
}

/** However the servers do it, no order takes the last copy of what is wanted. */
function checkKept(state: ClusterState, orders: readonly Order[]): void {
  const dropped = new Set(
    orders.filter(({ kind }) => kind === 'drop').map(({ segment }) => segment.idText),
  );
  for (const id of state.used.keys()) {
    const wants = naiveWants(state, id);
    if ([...wants.values()].every((count) => count === 0)) continue;
    const holders = state.servers.filter(({ served }) => served.has(id));
    const kept = holders.filter(({ queue }) => queue.get(id)?.kind !== 'drop');
    expect(kept.length, id).toBeGreaterThanOrEqual(Math.min(1, holders.length));
    // What is dropped now leaves as many as all tiers can have.
    let needed = 0;
    for (const [tier, count] of wants) needed += Math.min(count, staying(state, tier).length);
    if (dropped.has(id)) expect(kept.length, id).toBeGreaterThanOrEqual(needed);
  }
}

/** All there is to be done is done. */
function checkConverged(state: ClusterState): void {
  const holdersOf = (id: string) => state.servers.filter(({ served }) => served.has(id));
  for (const { served } of state.servers)
    for (const id of served.keys()) expect(state.used.has(id), id).toBe(true);
  for (const id of state.used.keys()) {
    const wants = naiveWants(state, id);
    const holders = holdersOf(id);
    let needed = 0;
    for (const [tier, count] of wants) {
      const able = staying(state, tier);
      const there = able.filter(({ served }) => served.has(id)).length;
      const withRoom = able.filter(
        ({ served, maxSizeBytes, currSizeBytes }) =>
          !served.has(id) && maxSizeBytes - currSizeBytes >= 10,
      );
      // Less only where nobody can take it.
      if (there < count) expect(withRoom, `${id} in ${tier}`).toEqual([]);
      const leaving = holders.filter(
        (each) => each.tier === tier && isLeaving(state, each.name),
      ).length;
      needed += Math.min(count, able.length + leaving);
    }
    const total = [...wants.values()].reduce((sum, count) => sum + count, 0);
    const most = total === 0 ? 0 : Math.max(1, needed);
    expect(holders.length, id).toBeLessThanOrEqual(most);
  }
}

test('whatever happens, limits are kept, nothing that is wanted is lost by an order, and in the end all is in its place', () => {
  fc.assert(
    fc.property(fc.array(fault, { minLength: 5, maxLength: 40 }), fc.integer(), (faults, seed) => {
      const cluster = new SimulatedCluster(new SeededRandom(seed));
      for (const n of [0, 1, 2]) cluster.addServer(`s${n}`, TIERS[n % 2]);
      const step = (): number => {
        const before = cluster.state();
        const { orders } = cluster.round();
        const after = cluster.state();
        checkOrders(before, after, orders);
        checkKept(after, orders);
        return orders.length;
      };
      for (const event of faults) {
        suffer(cluster, event);
        step();
        cluster.work('some');
      }
      let quiet = 0;
      for (let i = 0; i < 600 && quiet < 8; i++) {
        quiet = step() === 0 ? quiet + 1 : 0;
        cluster.work('all');
      }
      expect(quiet).toBe(8);
      // With limits that let balancing look at everything, there is an end of moves too.
      cluster.config = {
        ...DEFAULT_CONFIG,
        decommissioningNodes: cluster.config.decommissioningNodes,
      };
      for (quiet = 0; quiet < 300 && step() > 0; quiet++) cluster.work('all');
      expect(quiet).toBeLessThan(300);
      checkConverged(cluster.state());
    }),
    { numRuns: 150 },
  );
});
