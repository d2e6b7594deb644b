import { UnavailableError, workerEntry } from '../../core/index.js';
import type { LoadJob } from '../../segments/index.js';
import type { PartialResult } from '../engines/engine.js';
import type { ScratchSlot } from '../interpreter/target.js';
import { BatchRun } from './batch-run.js';
import type { Batch, Executor } from './executor.js';
import { CONTROL } from './messages.js';
import { PoolWorker, type Task } from './pool-worker.js';
import { SourceKeys } from './source-keys.js';

const ENTRY = workerEntry(import.meta.url, 'query/executor', './worker-main.js');

/**
 * Runs batches in a pool of worker threads, which see the segments' memory without copying. All idle
 * workers help with a batch; when another one waits, they come back after a while and take turns.
 * Workers are started when first needed; one that crashes fails its batch and is replaced. Idle
 * workers do not keep the process alive.
 */
export class WorkerExecutor implements Executor {
  readonly parallelism: number;
  readonly #keys = new SourceKeys();
  #workers: PoolWorker[] = [];
  #runs: BatchRun[] = [];
  #loads: Task[] = [];
  #turns = 0;
  #isClosed = false;

  /** Tests give an `entry` that misbehaves. */
  constructor(
    workerCount: number,
    private readonly entry: URL = ENTRY,
  ) {
    this.parallelism = Math.max(1, workerCount);
  }

  async run(batch: Batch, signal: AbortSignal): Promise<(PartialResult | null)[]> {
    signal.throwIfAborted();
    if (this.#isClosed) throw closed();
    if (batch.jobs.length === 0) return [];
    const run = new BatchRun(batch);
    const stop = () => {
      run.fail(signal.reason);
      this.#settleIfDone(run);
    };
    signal.addEventListener('abort', stop, { once: true });
    this.#runs.push(run);
    this.#pump();
    try {
      return await run.settled;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  load(job: LoadJob): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#loads.push({ work: { kind: 'load', job }, resolve: () => resolve(), reject });
      this.#pump();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#loads.splice(0)) reject(closed());
    for (const run of this.#runs) run.fail(closed());
    await Promise.all(this.#workers.map((worker) => worker.close()));
    this.#workers = [];
    for (const run of [...this.#runs]) this.#settleIfDone(run);
  }

  /** Gives idle workers something to do. Loads go first: somebody's query waits for each of them. */
  #pump(): void {
    while (!this.#isClosed) {
      const run = this.#loads.length > 0 ? null : this.#nextRun();
      if (run === null && this.#loads.length === 0) return;
      const worker = this.#idleWorker();
      if (worker === null) {
        this.#askToYield();
        return;
      }
      worker.start(run === null ? this.#loads.shift()! : this.#taskOf(run));
    }
  }

  /** The batch of the highest priority that wants a worker; among equals the one that waited longest. */
  #nextRun(): BatchRun | null {
    let best: BatchRun | null = null;
    for (const run of this.#runs) {
      if (!run.wantsWorker) continue;
      const order =
        best === null
          ? -1
          : best.batch.priority - run.batch.priority || run.servedAt - best.servedAt;
      if (order < 0) best = run;
    }
    return best;
  }

  #taskOf(run: BatchRun): Task {
    run.workers++;
    run.servedAt = ++this.#turns;
    Atomics.store(run.control, CONTROL.yield, 0);
    const left = () => {
      run.workers--;
      this.#settleIfDone(run);
    };
    return {
      work: { kind: 'batch', run },
      resolve: (partials) => {
        run.add(partials);
        left();
      },
      reject: (error) => {
        run.fail(error);
        left();
      },
    };
  }

  /** Only for the sake of those that have no worker at all, and not from what is more urgent. */
  #askToYield(): void {
    const starving = this.#runs.filter((run) => run.workers === 0 && run.wantsWorker);
    const priorities = starving.map(({ batch }) => batch.priority);
    if (this.#loads.length > 0) priorities.push(Number.POSITIVE_INFINITY);
    const urgency = Math.max(...priorities);
    for (const { batch: run } of this.#workers) {
      if (run !== null && run.batch.priority <= urgency) {
        Atomics.store(run.control, CONTROL.yield, 1);
      }
    }
  }

  #settleIfDone(run: BatchRun): void {
    if (!run.isDone) return;
    this.#runs = this.#runs.filter((other) => other !== run);
    run.settle();
  }

  #idleWorker(): PoolWorker | null {
    const idle = this.#workers.find((worker) => worker.isIdle);
    if (idle !== undefined) return idle;
    if (this.#workers.length >= this.parallelism) return null;
    const worker = new PoolWorker(this.entry, this.#freeSlot(), this.#keys, {
      onIdle: () => this.#pump(),
      onGone: () => {
        this.#workers = this.#workers.filter((other) => other !== worker);
        this.#pump();
      },
    });
    this.#workers.push(worker);
    return worker;
  }

  #freeSlot(): ScratchSlot {
    const taken = new Set(this.#workers.map(({ slot }) => slot.index));
    let index = 0;
    while (taken.has(index)) index++;
    return { index, count: this.parallelism };
  }
}

const closed = (): UnavailableError =>
  new UnavailableError('the query workers are shut down; ask again when the server is up');
