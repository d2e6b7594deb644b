import { Pace, type Turns } from '../../core/index.js';
import type { Order } from './cluster-state.js';
import { served } from './loads.js';
import type { RoundPlan } from './round-plan.js';

/** What one round has ordered and found, for metrics and the log. */
export interface RoundStats {
  /** Orders by kind. */
  readonly orders: Readonly<Record<Order['kind'], number>>;
  /** Segments that are wanted and that no server serves, by table. */
  readonly unavailable: ReadonlyMap<string, number>;
  /** Replicas that are wanted and not served, by tier. */
  readonly missingReplicas: ReadonlyMap<string, number>;
  /** Segments that no rule is about, by table: nothing is done with them. */
  readonly withoutRule: ReadonlyMap<string, number>;
  /** Tiers that rules name and no server has. */
  readonly unknownTiers: readonly string[];
}

export function* statsOf(plan: RoundPlan): Turns<RoundStats> {
  const pace = new Pace();
  const orders = { load: 0, replica: 0, move: 0, drop: 0, cancel: 0 };
  for (const { kind } of plan.orders) orders[kind]++;
  const unavailable = new Map<string, number>();
  const missingReplicas = new Map<string, number>();
  const withoutRule = new Map<string, number>();
  for (const { segment, wish } of plan.segments) {
    if (pace.isDue(1)) yield;
    if (wish === 'none') count(withoutRule, segment.id.dataSource, 1);
  }
  // Of the others nothing is missing.
  for (const { segment, replicas, copies } of plan.open) {
    if (pace.isDue(1)) yield;
    const wanted = [...replicas].filter(([, number]) => number > 0);
    if (wanted.length === 0) continue;
    // What is about to be dropped is served no more, or soon.
    const there = served(copies);
    if (there.length === 0) count(unavailable, segment.id.dataSource, 1);
    for (const [tier, number] of wanted) {
      const inTier = there.filter(({ server }) => server.state.tier === tier).length;
      if (number > inTier) count(missingReplicas, tier, number - inTier);
    }
  }
  const known = new Set(plan.tiers());
  const unknownTiers = [...missingReplicas.keys()].filter((tier) => !known.has(tier)).sort();
  return { orders, unavailable, missingReplicas, withoutRule, unknownTiers };
}

const count = (counts: Map<string, number>, key: string, by: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + by);
};
