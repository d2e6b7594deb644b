import { inOrder, inPieces, invariant, type Turns } from '../../core/index.js';
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
  /** All copies that there are now, are on their way, or about to go. */
  readonly copies: readonly Copy[];
}

interface Planned extends PlannedSegment {
  readonly copies: Copy[];
}

/** Something that a server has and that does not count any more. */
interface Unused {
  readonly server: PlannedServer;
  readonly segment: KnownSegment;
}

const NO_REPLICAS: ReadonlyMap<string, number> = new Map();

/**
 * One round of the coordinator as it is thought out. Each duty looks at what servers will have, and gives orders, which the duties
 * after it take into account.
 */
export class RoundPlan {
  readonly orders: Order[] = [];
  readonly servers: readonly PlannedServer[];
  readonly limits: Limits;
  /** Those that are used. */
  readonly segments: PlannedSegment[] = [];
  /** Those of them whose copies were not all that is wanted when the round began, the newest first: only of these anything may be missing or too much. */
  readonly open: PlannedSegment[] = [];
  readonly unused: Unused[] = [];
  readonly #byTier = new Map<string, PlannedServer[]>();
  readonly #byId = new Map<string, Planned>();

  private constructor(readonly state: ClusterState) {
    const leaving = new Set(state.config.decommissioningNodes);
    this.servers = state.servers
      .filter(({ type }) => type === 'historical')
      .map((each) => new PlannedServer(each, leaving.has(each.name) || leaving.has(each.host)));
    for (const server of this.servers) {
      const tier = this.#byTier.get(server.state.tier) ?? [];
      this.#byTier.set(server.state.tier, tier);
      tier.push(server);
    }
    this.limits = limitsOf(state.config, state.used.size);
  }

  static *of(state: ClusterState): Turns<RoundPlan> {
    const plan = new RoundPlan(state);
    yield* plan.#addSegments();
    yield* plan.#addCopies();
    yield* plan.#findOpen();
    return plan;
  }

  tiers(): string[] {
    return [...this.#byTier.keys()];
  }

  tier(name: string): readonly PlannedServer[] {
    return this.#byTier.get(name) ?? [];
  }

  /** Undefined for a segment that does not count. */
  planned({ idText }: KnownSegment): PlannedSegment | undefined {
    return this.#byId.get(idText);
  }

  order(server: PlannedServer, kind: OrderKind, segment: KnownSegment): void {
    const before = server.status(segment.idText);
    invariant(
      before === (kind === 'drop' ? 'served' : null),
      'a copy is loaded once, and dropped where it is',
    );
    server.take(kind, segment);
    this.#see(server, segment);
    this.orders.push({ server: server.state.name, kind, segment });
  }

  cancel(server: PlannedServer, segment: KnownSegment): void {
    server.cancel(segment);
    this.#see(server, segment);
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
      for (const { status } of server.ordered()) if (status === kind) count++;
    }
    return count;
  }

  /** Has the copies of a segment say what a server has of it. */
  #see(server: PlannedServer, { idText }: KnownSegment): void {
    const copies = this.#byId.get(idText)?.copies;
    if (copies === undefined) return;
    const at = copies.findIndex((copy) => copy.server === server);
    const status = server.status(idText);
    if (status === null) copies.splice(at, at < 0 ? 0 : 1);
    else copies.splice(at < 0 ? copies.length : at, 1, { server, status });
  }

  *#addSegments(): Turns<void> {
    const { used, rules, nowMs } = this.state;
    const staying = new Map(
      [...this.#byTier].map(([tier, all]) => [
        tier,
        all.filter(({ isLeaving }) => !isLeaving).length,
      ]),
    );
    const segments = used.values();
    yield* inPieces(used.size, (from, to) => {
      for (let i = from; i < to; i++) {
        const segment: KnownSegment = segments.next().value!;
        const wish = wishFor(segment, rules, nowMs);
        const replicas =
          wish.kind === 'load' ? replicasByTier(wish.replicas, staying) : NO_REPLICAS;
        const planned = { segment, wish: wish.kind, replicas, copies: [] };
        this.segments.push(planned);
        this.#byId.set(segment.idText, planned);
      }
    });
  }

  *#addCopies(): Turns<void> {
    for (const server of this.servers) {
      const served = server.state.served.entries();
      yield* inPieces(server.state.served.size, (from, to) => {
        for (let i = from; i < to; i++) {
          const [id, segment]: [string, KnownSegment] = served.next().value!;
          const status = server.status(id)!;
          const planned = this.#byId.get(id);
          if (planned !== undefined) planned.copies.push({ server, status });
          else if (status === 'served') this.unused.push({ server, segment });
        }
      });
      for (const { segment } of server.ordered()) this.#see(server, segment);
    }
  }

  *#findOpen(): Turns<void> {
    const found: PlannedSegment[] = [];
    yield* inPieces(this.segments.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const planned = this.segments[i]!;
        if (planned.wish === 'load' && !isSettled(planned)) found.push(planned);
      }
    });
    const places = Uint32Array.from(found, (_, i) => i);
    const sorted = yield* inOrder(places, (a, b) =>
      newestFirst(found[a]!.segment, found[b]!.segment),
    );
    for (const place of sorted) this.open.push(found[place]!);
  }
}

/** Whether each tier serves as many copies as it is to have, on servers that stay. */
function isSettled({ replicas, copies }: PlannedSegment): boolean {
  let wanted = 0;
  for (const [tier, count] of replicas) {
    wanted += count;
    let there = 0;
    for (const { server, status } of copies) {
      if (server.state.tier === tier && status === 'served' && !server.isLeaving) there++;
    }
    if (there !== count) return false;
  }
  return copies.length === wanted;
}

const newestFirst = ({ id: a, idText }: KnownSegment, { id: b, idText: other }: KnownSegment) =>
  b.interval.endMs - a.interval.endMs ||
  b.interval.startMs - a.interval.startMs ||
  (idText < other ? -1 : 1);
