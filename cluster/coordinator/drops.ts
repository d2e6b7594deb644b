import { Pace, type Turns } from '../../core/index.js';
import { STEPS, served, stayingIn } from './loads.js';
import type { Copy, PlannedSegment, RoundPlan } from './round-plan.js';

/** Takes back loads that nobody wants any more, and drops of what would be the last copy. */
export function* cancelOutdated(plan: RoundPlan): Turns<void> {
  const pace = new Pace();
  for (const server of plan.servers) {
    for (const { segment } of server.state.queue.values()) {
      if (pace.isDue(STEPS)) yield;
      const status = server.status(segment.idText);
      const planned = plan.planned(segment);
      const isOutdated =
        status === 'drop'
          ? planned !== undefined && isLast(planned)
          : planned === undefined || isTooMany(planned, server.state.tier) || server.isLeaving;
      if (isOutdated) plan.cancel(server, segment);
    }
  }
}

const isLast = ({ replicas, copies }: PlannedSegment): boolean =>
  totalOf(replicas) > 0 && served(copies).length === 0;

/** A move is one copy more for a while. */
function isTooMany({ replicas, wish, copies }: PlannedSegment, tier: string): boolean {
  if (wish === 'none') return false;
  const wanted = replicas.get(tier) ?? 0;
  const staying = stayingIn(copies, tier);
  const isMoving = staying.some(({ status }) => status === 'move');
  return staying.length > wanted + (isMoving && wanted > 0 ? 1 : 0);
}

/** Drops what does not count any more. */
export function* dropUnused(plan: RoundPlan): Turns<void> {
  const pace = new Pace();
  for (const { server, segment } of plan.unused) {
    if (pace.isDue(STEPS)) yield;
    plan.order(server, 'drop', segment);
  }
}

/**
 * Drops replicas beyond those that are wanted: those of leaving servers first, then those that cost most. As many copies stay served as
 * all tiers together want and can have, and one at least: so nothing goes before what replaces it has come.
 */
export function* dropSurplus(plan: RoundPlan): Turns<void> {
  const pace = new Pace();
  for (const { segment, replicas, copies } of plan.open) {
    if (pace.isDue(STEPS)) yield;
    const all = served(copies);
    const needed = new Map(plan.tiers().map((tier) => [tier, neededIn(plan, tier, all, replicas)]));
    const least = totalOf(replicas) === 0 ? 0 : Math.max(1, totalOf(needed));
    let spare = all.length - least;
    if (spare <= 0) continue;
    for (const [tier, need] of needed) {
      const there = all.filter(({ server }) => server.state.tier === tier);
      for (const { server } of dearest(there, segment).slice(0, Math.max(0, there.length - need))) {
        if (spare-- > 0) plan.order(server, 'drop', segment);
      }
    }
  }
}

/** What a tier wants, as far as it has servers. What leaves counts as long as there is nothing else. */
function neededIn(
  plan: RoundPlan,
  tier: string,
  all: readonly Copy[],
  replicas: ReadonlyMap<string, number>,
): number {
  const staying = plan.tier(tier).filter(({ isLeaving }) => !isLeaving).length;
  const leaving = all.filter(({ server }) => server.isLeaving && server.state.tier === tier).length;
  return Math.min(replicas.get(tier) ?? 0, staying + leaving);
}

/** Copies in the order in which they go. */
function dearest(copies: readonly Copy[], segment: PlannedSegment['segment']): Copy[] {
  if (copies.length < 2) return [...copies];
  const costs = new Map(copies.map((copy) => [copy, copy.server.costOf(segment)]));
  return [...copies].sort(
    (a, b) =>
      Number(b.server.isLeaving) - Number(a.server.isLeaving) ||
      costs.get(b)! - costs.get(a)! ||
      (a.server.state.name < b.server.state.name ? -1 : 1),
  );
}

const totalOf = (replicas: ReadonlyMap<string, number>): number =>
  [...replicas.values()].reduce((sum, count) => sum + count, 0);
