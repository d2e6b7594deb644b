import type { QueryStats } from '../../query/index.js';

/** What a request with a query does, in this order: it waits for others, is planned, scans and merges, perhaps several times, and its answer is written. */
export const PHASES = ['queue', 'plan', 'scan', 'merge', 'write'] as const;
export type Phase = (typeof PHASES)[number];

/** Milliseconds by phase, and together. */
export type QueryTimes = Readonly<Record<Phase | 'total', number>>;

/** Moments of a request, by a clock that never goes back. */
export interface Moments {
  readonly asked: number;
  /** When it may run, and when it has; the moment now where it has not yet. */
  readonly started: number;
  readonly answered: number;
  readonly ended: number;
}

/** What is neither scanning nor merging of the time in between is planning. */
export function timesOf(moments: Moments, natives: readonly QueryStats[]): QueryTimes {
  const { asked, started, answered, ended } = moments;
  const sum = (phase: 'scanMs' | 'mergeMs') =>
    natives.reduce((total, stats) => total + stats[phase], 0);
  const [scan, merge] = [sum('scanMs'), sum('mergeMs')];
  return {
    queue: started - asked,
    plan: Math.max(0, answered - started - scan - merge),
    scan,
    merge,
    write: ended - answered,
    total: ended - asked,
  };
}
