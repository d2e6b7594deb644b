import { atOnce, type Random, type Turns } from '../../core/index.js';
import { balance } from './balance.js';
import type { ClusterState, Order } from './cluster-state.js';
import { cancelOutdated, dropSurplus, dropUnused } from './drops.js';
import { loadPrimaries, loadReplicas, moveAway } from './loads.js';
import { RoundPlan } from './round-plan.js';
import { type RoundStats, statsOf } from './round-stats.js';

/** What servers are told in one round, and what is worth to be known of it. */
export interface Round {
  readonly orders: readonly Order[];
  readonly stats: RoundStats;
}

/**
 * Thinks out a round: what is there no more first, then what is missing, then what is too much. Pure but for chance, which picks what
 * balancing looks at. Gives way while it goes through the segments, of which there may be hundreds of thousands.
 */
export function* roundOf(state: ClusterState, random: Random): Turns<Round> {
  const plan = yield* RoundPlan.of(state);
  yield* cancelOutdated(plan);
  yield* dropUnused(plan);
  yield* loadPrimaries(plan);
  yield* loadReplicas(plan);
  yield* moveAway(plan);
  yield* dropSurplus(plan);
  yield* balance(plan, random);
  return { orders: plan.orders, stats: yield* statsOf(plan) };
}

/** A round without giving way. */
export const planRound = (state: ClusterState, random: Random): Round =>
  atOnce(roundOf(state, random));
