import { startOf } from '../compiler/group-blocks.js';
import type { PartialResult } from '../engines/engine.js';
import type { Batch } from './executor.js';
import { CONTROL, newControl } from './messages.js';
import type { NumberedPartial } from './run-job.js';

/** Batches of fewer rows than this are not worth a second worker. */
const ROWS_PER_WORKER = 200_000;

/** A batch on its way through the workers. */
export class BatchRun {
  readonly control = newControl();
  readonly results: (PartialResult | null)[];
  readonly settled: Promise<(PartialResult | null)[]>;
  /** Workers that have it now. */
  workers = 0;
  /** When it last got a worker: those that wait longest go first. */
  servedAt = 0;
  readonly #maxWorkers: number;
  #failure: { readonly error: unknown } | null = null;
  #resolve: (results: (PartialResult | null)[]) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(readonly batch: Batch) {
    this.results = new Array<PartialResult | null>(batch.jobs.length).fill(null);
    this.#maxWorkers = Math.max(1, Math.ceil(rowsOf(batch) / ROWS_PER_WORKER));
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether one more worker would have something to do. */
  get wantsWorker(): boolean {
    if (this.#failure !== null || this.workers >= this.#maxWorkers) return false;
    return Atomics.load(this.control, CONTROL.next) < this.#claims;
  }

  /** How often workers can claim something. */
  get #claims(): number {
    const { batch } = this;
    return batch.kind === 'scan' ? batch.bundles.length : batch.jobs.length;
  }

  get isDone(): boolean {
    const isClaimed = Atomics.load(this.control, CONTROL.next) >= this.#claims;
    return this.workers === 0 && (isClaimed || this.#failure !== null);
  }

  /** Workers stop at their next look; the first failure is the one that counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    Atomics.store(this.control, CONTROL.cancelled, 1);
  }

  add(partials: readonly NumberedPartial[]): void {
    for (const { job, partial } of partials) this.results[job] = partial;
  }

  /** Call when it is done. */
  settle(): void {
    if (this.#failure === null) this.#resolve(this.results);
    else this.#reject(this.#failure.error);
  }
}

/** Of a merge: the groups that come in; of what goes to disk or comes from there, a worker's for each job. */
function rowsOf(batch: Batch): number {
  if (batch.kind === 'scan')
    return batch.jobs.reduce((sum, { rowsExpected }) => sum + rowsExpected, 0);
  if (batch.kind === 'spill' || batch.kind === 'pieces') return batch.jobs.length * ROWS_PER_WORKER;
  let groups = 0;
  for (const block of batch.blocks) {
    for (const { from, to } of batch.jobs) groups += block.ends[to - 1]! - startOf(block, from);
  }
  return groups;
}
