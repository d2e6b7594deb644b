import { closedLoop, percentile } from '../dashboards/closed-loop.js';

/** What a question came to, over some seconds. */
export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of each clock, for one question. */
  readonly cpuMs: readonly number[];
}

export interface LoadPlan {
  readonly clients: number;
  readonly seconds: number;
}

/** Not measured: kernels are compiled, and files are opened. */
const WARM_UP_SECONDS = 1;

/** Clients ask again and again; `clocks` tell what processes have spent so far. */
export async function loadOf(
  ask: () => Promise<unknown>,
  clocks: readonly (() => number)[],
  { clients, seconds }: LoadPlan,
): Promise<Load> {
  const asking = Array.from({ length: clients }, () => ask);
  await closedLoop(asking, { seconds: WARM_UP_SECONDS, start: 0 });
  const before = clocks.map((clock) => clock());
  const round = await closedLoop(asking, { seconds, start: 0 });
  const after = clocks.map((clock) => clock());
  return {
    perSecond: round.requests / round.seconds,
    p50Ms: percentile(round.latencies, 0.5),
    p99Ms: percentile(round.latencies, 0.99),
    cpuMs: after.map((each, i) => (each - before[i]!) / round.requests),
  };
}
