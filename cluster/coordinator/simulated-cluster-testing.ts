import { invariant, type Random } from '../../core/index.js';
import { parseRules, type Rule } from '../retention/rule.js';
import type {
  ClusterState,
  KnownSegment,
  Order,
  QueuedOrder,
  ServerState,
} from './cluster-state.js';
import { type CoordinatorConfig, DEFAULT_CONFIG } from './dynamic-config.js';
import { planRound } from './round.js';
import type { RoundStats } from './round-stats.js';

const DAY_MS = 86_400_000;

/** For tests: a segment of one of the days since the epoch. */
export const segmentOf = (
  dataSource: string,
  day: number,
  partitionNum = 0,
  sizeBytes = 10,
): KnownSegment => ({
  id: {
    dataSource,
    interval: { startMs: day * DAY_MS, endMs: (day + 1) * DAY_MS },
    version: 'v',
    partitionNum,
  },
  idText: `${dataSource}_${day}_${partitionNum}`,
  sizeBytes,
});

interface SimulatedServer {
  readonly tier: string;
  readonly maxSizeBytes: number;
  readonly served: Map<string, KnownSegment>;
  readonly queue: Map<string, QueuedOrder>;
}

/** For tests: servers that do what they are told, when chance has it. */
export class SimulatedCluster {
  readonly servers = new Map<string, SimulatedServer>();
  readonly used = new Map<string, KnownSegment>();
  readonly rules = new Map<string, readonly Rule[]>();
  config: CoordinatorConfig = DEFAULT_CONFIG;
  nowMs = 100 * DAY_MS;

  constructor(readonly random: Random) {
    this.setRules('_default', [{ type: 'loadForever' }]);
  }

  setRules(table: string, json: readonly object[]): void {
    this.rules.set(table, parseRules(json, 'rules'));
  }

  addServer(name: string, tier = '_default_tier', maxSizeBytes = 1_000_000): void {
    this.servers.set(name, { tier, maxSizeBytes, served: new Map(), queue: new Map() });
  }

  addSegments(...segments: readonly KnownSegment[]): void {
    for (const segment of segments) this.used.set(segment.idText, segment);
  }

  state(): ClusterState {
    const servers = [...this.servers].map(
      ([name, { tier, maxSizeBytes, served, queue }]): ServerState => ({
        name,
        host: `${name}:1`,
        tier,
        type: 'historical',
        priority: 0,
        maxSizeBytes,
        currSizeBytes: sizeOf(served.values()),
        served: new Map(served),
        queue: new Map(queue),
        avoids: new Set(),
      }),
    );
    const { nowMs, used, rules, config } = this;
    return { nowMs, servers, used: new Map(used), rules: new Map(rules), config };
  }

  /** One round: its orders are in the queues behind it. */
  round(): { readonly orders: readonly Order[]; readonly stats: RoundStats } {
    const { orders, stats } = planRound(this.state(), this.random);
    for (const { server, kind, segment } of orders) {
      const { queue } = this.servers.get(server)!;
      if (kind === 'cancel') queue.delete(segment.idText);
      else queue.set(segment.idText, { kind, segment });
    }
    return { orders, stats };
  }

  /** Servers do a part of what waits, or all of it. Throws where that is more than a server has room for. */
  work(part: 'some' | 'all' = 'all'): void {
    for (const [name, { queue, served, maxSizeBytes }] of this.servers) {
      for (const id of [...queue.keys()]) {
        if (part === 'all' || this.random.nextUint32() % 2 === 0) this.#do(name, id);
      }
      invariant(
        sizeOf(served.values()) <= maxSizeBytes,
        'a server loads only what it has room for',
      );
    }
  }

  copies(id: string): string[] {
    return [...this.servers].flatMap(([name, { served }]) => (served.has(id) ? [name] : []));
  }

  #do(name: string, id: string): void {
    const { queue, served } = this.servers.get(name)!;
    const { kind, segment } = queue.get(id)!;
    queue.delete(id);
    if (kind === 'drop') {
      served.delete(id);
      return;
    }
    served.set(id, segment);
  }
}

const sizeOf = (segments: Iterable<KnownSegment>): number => {
  let sum = 0;
  for (const { sizeBytes } of segments) sum += sizeBytes;
  return sum;
};
