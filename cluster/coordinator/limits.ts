import type { CoordinatorConfig } from './dynamic-config.js';

/** How much may be under way at a time. */
export interface Limits {
  /** Loads in the queue of one server. */
  readonly maxQueued: number;
  /** Replicas beyond the first copy that are under way in one tier. */
  readonly maxReplicasInTier: number;
  /** Replicas beyond the first copy that one round orders in all tiers. */
  readonly maxReplicasOfRound: number;
  /** Moves under way in one tier. */
  readonly maxMovesInTier: number;
  /** Whether new copies go to the server with most room, and only balancing asks for costs. */
  readonly isRoundRobin: boolean;
}

/** Those of the configuration; where loading is smart, such as the number of segments asks for. */
export function limitsOf(config: CoordinatorConfig, usedCount: number): Limits {
  const maxReplicasOfRound = config.maxNonPrimaryReplicantsToLoad;
  if (config.smartSegmentLoading) {
    return {
      maxQueued: Number.POSITIVE_INFINITY,
      maxReplicasInTier: Math.max(100, Math.floor(usedCount / 20)),
      maxReplicasOfRound,
      // A thousand moves among 300,000 segments take some two seconds to think out.
      maxMovesInTier: Math.min(1000, Math.max(100, Math.floor(usedCount / 50))),
      isRoundRobin: true,
    };
  }
  return {
    maxQueued: config.maxSegmentsInNodeLoadingQueue || Number.POSITIVE_INFINITY,
    maxReplicasInTier: config.replicationThrottleLimit,
    maxReplicasOfRound,
    maxMovesInTier: config.maxSegmentsToMove,
    isRoundRobin: config.useRoundRobinSegmentAssignment,
  };
}
