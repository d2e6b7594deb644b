import { Histogram } from '../../core/index.js';
import type { Order } from './cluster-state.js';
import type { RoundReport } from './coordinator-loop.js';

/** Seconds: rounds of small clusters take some milliseconds, those of large ones should take less than their period. */
const BOUNDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export type DoneRound = Extract<RoundReport, { kind: 'done' }>;

/** What became of the rounds of this process, for metrics. */
export class RoundRecord {
  readonly counts = { done: 0, paused: 0, failed: 0 };
  readonly orders: Record<Order['kind'], number> = {
    load: 0,
    replica: 0,
    move: 0,
    drop: 0,
    cancel: 0,
  };
  readonly seconds = new Histogram(BOUNDS);
  #last: DoneRound | null = null;

  /** Null until one was done. */
  get last(): DoneRound | null {
    return this.#last;
  }

  add(report: RoundReport): void {
    if (report.kind === 'failed') this.counts.failed++;
    if (report.kind === 'skipped' && report.why === 'paused') this.counts.paused++;
    if (report.kind !== 'done') return;
    this.#last = report;
    this.counts.done++;
    this.seconds.add(report.tookMs / 1000);
    for (const kind of Object.keys(this.orders) as Order['kind'][]) {
      this.orders[kind] += report.stats.orders[kind];
    }
  }
}
