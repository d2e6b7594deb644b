import type { Random } from '../../core/index.js';
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

/** Thinks out a round: what is there no more first, then what is missing, then what is too much. Pure but for chance, which picks what balancing looks at. */
export function planRound(state: ClusterState, random: Random): Round {
  const plan = new RoundPlan(state);
  cancelOutdated(plan);
  dropUnused(plan);
  loadPrimaries(plan);
  loadReplicas(plan);
  moveAway(plan);
  dropSurplus(plan);
  balance(plan, random);
  return { orders: plan.orders, stats: statsOf(plan) };
}
