import { Histogram } from '../../core/index.js';
import { PHASES, type Phase, type QueryTimes } from './query-times.js';

/** Seconds: from what a cache answers to what nobody waits for. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** How long requests with queries took, by type of query. There are few types, so that there are few series. */
export class QueryMetrics {
  readonly #totals = new Map<string, Histogram>();
  readonly #phases = new Map<string, Readonly<Record<Phase, Histogram>>>();
  slowQueries = 0;
  /** Clients that took no part of their answer for too long. */
  slowClients = 0;

  get totals(): ReadonlyMap<string, Histogram> {
    return this.#totals;
  }

  get phases(): ReadonlyMap<string, Readonly<Record<Phase, Histogram>>> {
    return this.#phases;
  }

  add(type: string, times: QueryTimes): void {
    const total = this.#totals.get(type) ?? new Histogram(BOUNDS);
    this.#totals.set(type, total);
    total.add(times.total / 1000);
    const phases = this.#phases.get(type) ?? newPhases();
    this.#phases.set(type, phases);
    for (const phase of PHASES) phases[phase].add(times[phase] / 1000);
  }
}

const newPhases = (): Record<Phase, Histogram> =>
  Object.fromEntries(PHASES.map((phase) => [phase, new Histogram(BOUNDS)])) as Record<
    Phase,
    Histogram
  >;
