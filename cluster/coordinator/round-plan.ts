import { invariant } from '../../core/index.js';
import type { ClusterState, KnownSegment, Order, OrderKind } from './cluster-state.js';
import { type Limits, limitsOf } from './limits.js';
import { type CopyStatus, cheapest, PlannedServer } from './planned-server.js';
import { replicasByTier, type Wish, wishFor } from './wanted-replicas.js';

export interface Copy {
  readonly server: PlannedServer;
  readonly status: CopyStatus;
}

/** A segment, what the rules say of it, and how many replicas each tier is to have. */
export interface PlannedSegment {
  readonly segment: KnownSegment;
  readonly wish: Wish['kind'];
  readonly replicas: ReadonlyMap<string, number>;
}

const NO_REPLICAS: ReadonlyMap<string, number> = new Map();

/**
 * One round of the coordinator as it is thought out. Each duty looks at what servers will have, and gives orders, which the duties
 * after it take into account.
 */
export class RoundPlan {
  readonly orders: Order[] = [];
  readonly servers: readonly PlannedServer[];
  /** Those that are used, the newest first. */
  readonly segments: readonly PlannedSegment[];
  readonly limits: Limits;
  readonly #byTier = new Map<string, PlannedServer[]>();
  readonly #copies = new Map<string, Set<PlannedServer>>();

  constructor(readonly state: ClusterState) {
    const leaving = new Set(state.config.decommissioningNodes);
    this.servers = state.servers
      .filter(({ type }) => type === 'historical')
      .map((each) => new PlannedServer(each, leaving.has(each.name) || leaving.has(each.host)));
    for (const server of this.servers) {
      const tier = this.#byTier.get(server.state.tier) ?? [];
      this.#byTier.set(server.state.tier, tier);
      tier.push(server);
      for (const { segment } of server.copies()) this.#placesOf(segment.idText).add(server);
    }
    this.limits = limitsOf(state.config, state.used.size);
    const staying = new Map(
      [...this.#byTier].map(([tier, all]) => [
        tier,
        all.filter(({ isLeaving }) => !isLeaving).length,
      ]),
    );
    this.segments = [...state.used.values()].sort(newestFirst).map((segment) => {
      const wish = wishFor(segment, state.rules, state.nowMs);
      const replicas = wish.kind === 'load' ? replicasByTier(wish.replicas, staying) : NO_REPLICAS;
      return { segment, wish: wish.kind, replicas };
    });
  }

  tiers(): string[] {
    return [...this.#byTier.keys()];
  }

  tier(name: string): readonly PlannedServer[] {
    return this.#byTier.get(name) ?? [];
  }

  /** All copies of a segment that there are, are on their way, or about to go. */
  copies({ idText }: KnownSegment): Copy[] {
    return [...(this.#copies.get(idText) ?? [])].map((server) => ({
      server,
      status: server.status(idText)!,
    }));
  }

  order(server: PlannedServer, kind: OrderKind, segment: KnownSegment): void {
    const before = server.status(segment.idText);
    invariant(
      before === (kind === 'drop' ? 'served' : null),
      'a copy is loaded once, and dropped where it is',
    );
    server.take(kind, segment);
    this.#placesOf(segment.idText).add(server);
    this.orders.push({ server: server.state.name, kind, segment });
  }

  cancel(server: PlannedServer, segment: KnownSegment): void {
    server.cancel(segment);
    if (server.status(segment.idText) === null) this.#placesOf(segment.idText).delete(server);
    this.orders.push({ server: server.state.name, kind: 'cancel', segment });
  }

  /** Where a new copy in a tier goes: the server that has most room, or the one where it costs least. Null where nobody can take it. */
  placeFor(segment: KnownSegment, tier: string): PlannedServer | null {
    const able = this.tier(tier).filter((server) => server.canLoad(segment, this.limits.maxQueued));
    if (!this.limits.isRoundRobin) return cheapest(able, segment);
    return able.reduce<PlannedServer | null>(
      (best, each) => (best === null || each.freeBytes > best.freeBytes ? each : best),
      null,
    );
  }

  /** How many orders of a kind are not done yet in a tier. */
  countInTier(tier: string, kind: OrderKind): number {
    let count = 0;
    for (const server of this.tier(tier)) {
      for (const { status } of server.copies()) if (status === kind) count++;
    }
    return count;
  }

  #placesOf(id: string): Set<PlannedServer> {
    const places = this.#copies.get(id) ?? new Set();
    this.#copies.set(id, places);
    return places;
  }
}

const newestFirst = ({ id: a, idText }: KnownSegment, { id: b, idText: other }: KnownSegment) =>
  b.interval.endMs - a.interval.endMs ||
  b.interval.startMs - a.interval.startMs ||
  (idText < other ? -1 : 1);
