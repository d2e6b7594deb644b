import type { Clock } from '../core/index.js';
import type { NativeQuery } from './native/query.js';
import type { QueryStats } from './result.js';

/** Told of a query when it begins, and of the statistics that fill up while it runs. */
export type OnStart = (query: NativeQuery, stats: QueryStats) => void;

/** Runs a part of a query, and counts its time. What is in no phase of its own is planning. */
export async function inPhase<T>(
  phase: 'scan' | 'merge',
  stats: QueryStats,
  clock: Clock,
  work: () => Promise<T>,
): Promise<T> {
  const startMs = clock.nowMs();
  stats.phase = phase;
  try {
    return await work();
  } finally {
    stats.phase = 'plan';
    stats[`${phase}Ms`] += clock.nowMs() - startMs;
  }
}
