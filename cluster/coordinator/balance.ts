import { inPieces, Pace, type Random, type Turns } from '../../core/index.js';
import { Rooms, served, stayingIn } from './loads.js';
import { cheapest } from './planned-server.js';
import type { Copy, PlannedSegment, RoundPlan } from './round-plan.js';

/** A move must save this part of the cost, so that sums that differ in their last digits move nothing. */
const MIN_SAVING = 1e-6;

/** What it takes to think about one move, in items of a pace. */
const STEPS_OF_TRY = 256;

/** Segments that a round looks at, for each that it may move. */
const TRIES_PER_MOVE = 2;

/**
 * Moves segments to where they cost less, within their tiers. Each move makes the sum of all costs smaller, so that there is an end of
 * it. What is moved is loaded there first; its copy here is one too many then, and is dropped.
 */
export function* balance(plan: RoundPlan, random: Random): Turns<void> {
  const pace = new Pace();
  const { maxMovesInTier } = plan.limits;
  const room = new Rooms(plan, 'move', maxMovesInTier);
  for (const tier of plan.tiers()) {
    if (plan.tier(tier).filter(({ isLeaving }) => !isLeaving).length < 2) continue;
    if (!room.has(tier)) continue;
    for (const server of plan.tier(tier)) yield* server.weigh();
    const settled: PlannedSegment[] = [];
    yield* inPieces(plan.segments.length, (from, to) => {
      for (let i = from; i < to; i++) {
        if (isSettled(plan.segments[i]!, tier)) settled.push(plan.segments[i]!);
      }
    });
    const drawn = draw(settled, Math.min(settled.length, maxMovesInTier * TRIES_PER_MOVE), random);
    for (const { segment, copies } of drawn) {
      if (!room.has(tier)) break;
      if (pace.isDue(STEPS_OF_TRY)) yield;
      if (moves(plan, segment, served(stayingIn(copies, tier)), tier)) room.take(tier);
    }
  }
}

/** Whether a tier has exactly the replicas that it wants, and none of them is on its way. */
function isSettled({ replicas, copies }: PlannedSegment, tier: string): boolean {
  const wanted = replicas.get(tier) ?? 0;
  if (wanted === 0) return false;
  let there = 0;
  for (const { server, status } of copies) {
    if (server.state.tier !== tier) continue;
    if (status !== 'served') return false;
    there++;
  }
  return there === wanted;
}

function moves(
  plan: RoundPlan,
  segment: PlannedSegment['segment'],
  copies: readonly Copy[],
  tier: string,
): boolean {
  const able = plan.tier(tier).filter((server) => server.canLoad(segment, plan.limits.maxQueued));
  const target = cheapest(able, segment);
  if (target === null) return false;
  const dearest = copies.reduce((most, { server }) => Math.max(most, server.costOf(segment)), 0);
  if (target.costOf(segment) >= dearest * (1 - MIN_SAVING)) return false;
  plan.order(target, 'move', segment);
  return true;
}

/** So many of a list, all of them equally likely. */
function draw<T>(list: readonly T[], count: number, random: Random): T[] {
  const left = [...list];
  for (let i = 0; i < count; i++) {
    const at = i + (random.nextUint32() % (left.length - i));
    [left[i], left[at]] = [left[at]!, left[i]!];
  }
  return left.slice(0, count);
}
