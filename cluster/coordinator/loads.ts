import { Pace, type Turns } from '../../core/index.js';
import type { KnownSegment } from './cluster-state.js';
import type { Copy, RoundPlan } from './round-plan.js';

/** What it takes to look at a segment about which something may be to do, in items of a pace. */
export const STEPS = 8;

/** Copies that a tier has or gets, without those of servers that leave. */
export const stayingIn = (copies: readonly Copy[], tier: string): Copy[] =>
  copies.filter(
    ({ server, status }) => server.state.tier === tier && !server.isLeaving && status !== 'drop',
  );

/** Copies that queries find and go on to find. */
export const served = (copies: readonly Copy[]): Copy[] =>
  copies.filter(({ status }) => status === 'served');

/** Loads what no server has or gets: the newest segments first, each into the first of its tiers that has room. */
export function* loadPrimaries(plan: RoundPlan): Turns<void> {
  const pace = new Pace();
  for (const { segment, replicas, copies } of plan.open) {
    if (pace.isDue(STEPS)) yield;
    if (copies.some(({ status }) => status !== 'drop')) continue;
    for (const [tier, count] of replicas) {
      if (count > 0 && loadIn(plan, segment, tier, 'load')) break;
    }
  }
}

/** Loads the replicas that are still missing in each tier, as many at a time as the limits allow. */
export function* loadReplicas(plan: RoundPlan): Turns<void> {
  const pace = new Pace();
  const { maxReplicasInTier, maxReplicasOfRound } = plan.limits;
  const room = new Rooms(plan, 'replica', maxReplicasInTier);
  let ofRound = 0;
  for (const { segment, replicas, copies } of plan.open) {
    if (pace.isDue(STEPS)) yield;
    for (const [tier, count] of replicas) {
      // What a leaving server has counts here: moving it away is a duty of its own.
      const leaving = served(copies).filter((copy) => isLeavingIn(copy, tier)).length;
      let missing = count - stayingIn(copies, tier).length - leaving;
      while (missing-- > 0 && room.has(tier) && ofRound < maxReplicasOfRound) {
        if (!loadIn(plan, segment, tier, 'replica')) break;
        room.take(tier);
        ofRound++;
      }
    }
  }
}

/** Loads elsewhere what servers have that leave: it is dropped there when it is served here. */
export function* moveAway(plan: RoundPlan): Turns<void> {
  const pace = new Pace();
  const room = new Rooms(plan, 'move', plan.limits.maxMovesInTier);
  for (const { segment, replicas, copies } of plan.open) {
    if (pace.isDue(STEPS)) yield;
    for (const [tier, count] of replicas) {
      const leaving = served(copies).filter((copy) => isLeavingIn(copy, tier)).length;
      let missing = Math.min(leaving, count - stayingIn(copies, tier).length);
      while (missing-- > 0 && room.has(tier)) {
        if (!loadIn(plan, segment, tier, 'move')) break;
        room.take(tier);
      }
    }
  }
}

/** How many more orders of a kind each tier may have under way. */
export class Rooms {
  readonly #left: Map<string, number>;

  constructor(plan: RoundPlan, kind: 'replica' | 'move', max: number) {
    this.#left = new Map(plan.tiers().map((tier) => [tier, max - plan.countInTier(tier, kind)]));
  }

  has(tier: string): boolean {
    return (this.#left.get(tier) ?? 0) > 0;
  }

  take(tier: string): void {
    this.#left.set(tier, (this.#left.get(tier) ?? 0) - 1);
  }
}

const isLeavingIn = ({ server }: Copy, tier: string): boolean =>
  server.isLeaving && server.state.tier === tier;

function loadIn(
  plan: RoundPlan,
  segment: KnownSegment,
  tier: string,
  kind: 'load' | 'replica' | 'move',
): boolean {
  const server = plan.placeFor(segment, tier);
  if (server !== null) plan.order(server, kind, segment);
  return server !== null;
}
