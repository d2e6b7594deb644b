import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock, SeededRandom, silentLogger } from '../../core/index.js';
import type { ClusterState, Order, ServerState } from './cluster-state.js';
import { type ClusterLink, CoordinatorLoop, type RoundReport } from './coordinator-loop.js';
import { SimulatedCluster, segmentOf } from './simulated-cluster-testing.js';

/** Servers that are reached now and then, told by what they said some time ago. */
class LossyLink implements ClusterLink {
  current: number | null = 1;
  /** What servers have said last. */
  readonly #said = new Map<string, ServerState>();
  readonly #seen = new Map<string, number>();
  isLossy = false;
  readonly sent: Order[] = [];

  constructor(readonly cluster: SimulatedCluster) {}

  epoch(): number | null {
    return this.current;
  }

  async read(): Promise<ClusterState> {
    const now = this.cluster.state();
    for (const server of now.servers) {
      const isOld = this.isLossy && this.#said.has(server.name) && this.#chance(2);
      if (!isOld) this.#said.set(server.name, server);
    }
    return { ...now, servers: now.servers.map(({ name }) => this.#said.get(name)!) };
  }

  async send(server: string, epoch: number, orders: readonly Order[]): Promise<void> {
    if (this.isLossy && this.#chance(3)) throw new Error('not sent');
    if (epoch < (this.#seen.get(server) ?? 0)) throw new Error('an old leader');
    if (epoch > (this.#seen.get(server) ?? 0)) {
      const now = this.cluster.state().servers.find(({ name }) => name === server)!;
      this.#said.set(server, now);
    }
    this.#seen.set(server, epoch);
    this.sent.push(...orders);
    const { queue, served } = this.cluster.servers.get(server)!;
    for (const { kind, segment } of orders) {
      const isDone = served.has(segment.idText) === (kind !== 'drop');
      if (kind === 'cancel') queue.delete(segment.idText);
      else if (!isDone) queue.set(segment.idText, { kind, segment });
    }
    if (this.isLossy && this.#chance(3)) throw new Error('taken, and nobody knows');
  }

  #chance(oneIn: number): boolean {
    return this.cluster.random.nextUint32() % oneIn === 0;
  }
}

function loopOf(link: ClusterLink, onRound?: (report: RoundReport) => void, run = async () => {}) {
  const clock = new ManualClock(0);
  const random = new SeededRandom(1);
  const options = { link, clock, steadyClock: clock, random, logger: silentLogger };
  return new CoordinatorLoop({
    ...options,
    duties: [
      { name: 'd', run, stats: () => ({ done: 7 }) },
      { name: 'silent', run: async () => {} },
    ],
    ...(onRound && { onRound }),
  });
}

function worldOf(seed: number): SimulatedCluster {
  const cluster = new SimulatedCluster(new SeededRandom(seed));
  for (const n of [0, 1, 2]) cluster.addServer(`s${n}`);
  for (let day = 80; day < 90; day++) cluster.addSegments(segmentOf('t', day));
  return cluster;
}

test('a round is skipped by who does not lead and where it is paused', async () => {
  const link = new LossyLink(worldOf(1));
  const reports: RoundReport[] = [];
  let ran = 0;
  const loop = loopOf(
    link,
    (report) => reports.push(report),
    async () => {
      ran++;
    },
  );
  link.current = null;
  await loop.run();
  link.current = 2;
  link.cluster.config = { ...link.cluster.config, pauseCoordination: true };
  await loop.run();
  expect([link.sent, ran]).toEqual([[], 0]);
  link.cluster.config = { ...link.cluster.config, pauseCoordination: false };
  await loop.run();
  expect(ran).toBe(1);
  expect(reports).toEqual([
    { kind: 'skipped', why: 'not leading' },
    { kind: 'skipped', why: 'paused' },
    expect.objectContaining({ kind: 'done', unreachable: [], tookMs: 0 }),
  ]);
  expect(reports[2]).toMatchObject({
    stats: { orders: { load: 10, replica: 10 } },
    duties: new Map([['d', { done: 7 }]]),
  });
});

test('with orders that are lost, told twice, or done long before it is known, and leaders that change, no copy goes too many', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.array(fc.nat(9), { maxLength: 40 }), async (seed, events) => {
      const cluster = worldOf(seed);
      const link = new LossyLink(cluster);
      link.isLossy = true;
      let loop = loopOf(link);
      const ever = new Set<string>();
      const check = () => {
        for (const id of cluster.used.keys()) {
          const { length } = cluster.copies(id);
          if (length > 0) ever.add(id);
          if (ever.has(id)) expect(length, id).toBeGreaterThan(0);
        }
      };
      for (const event of events) {
        if (event === 0) {
          link.current!++;
          loop = loopOf(link);
        } else if (event < 5) {
          const count = 1 + (event % 3);
          cluster.setRules('t', [
            { type: 'loadForever', tieredReplicants: { _default_tier: count } },
          ]);
        }
        if (event >= 5) {
          const decommissioningNodes = event < 8 ? [`s${event - 5}`] : [];
          cluster.config = { ...cluster.config, decommissioningNodes };
        }
        await loop.run();
        cluster.work('some');
        check();
      }
      link.isLossy = false;
      cluster.config = { ...cluster.config, decommissioningNodes: [] };
      for (let i = 0; i < 40; i++) {
        await loop.run();
        cluster.work();
        check();
      }
      const wanted = cluster.rules.get('t')?.[0]?.replicas as ReadonlyMap<string, number>;
      const count = wanted?.get('_default_tier') ?? 2;
      for (const id of cluster.used.keys()) expect(cluster.copies(id)).toHaveLength(count);
      const before = link.sent.length;
      await loop.run();
      expect(link.sent.slice(before)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('a load that takes too long is tried elsewhere', async () => {
  const cluster = worldOf(1);
  cluster.setRules('t', [{ type: 'loadForever', tieredReplicants: { _default_tier: 1 } }]);
  cluster.config = { ...cluster.config, replicantLifetime: 2 };
  const link = new LossyLink(cluster);
  const loop = loopOf(link);
  await loop.run();
  const [first] = link.sent;
  for (let i = 0; i < 3; i++) await loop.run();
  expect(link.sent).toContainEqual({ ...first, kind: 'cancel' });
  const others = link.sent.filter(
    ({ server, segment }) => segment === first!.segment && server !== first!.server,
  );
  expect(others).not.toEqual([]);
});
