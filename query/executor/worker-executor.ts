import { InternalError, UnavailableError, workerEntry } from '../../core/index.js';
import type { LoadJob } from '../../segments/index.js';
import type { PartialResult } from '../engines/engine.js';
import type { ScratchSlot } from '../interpreter/target.js';
import type { Executor, ScanJob } from './executor.js';
import { PoolWorker, type Task } from './pool-worker.js';
import { SourceKeys } from './source-keys.js';

const ENTRY = workerEntry(import.meta.url, 'query/executor', './worker-main.js');

/**
 * Runs jobs in a pool of worker threads, which see the segments' memory without copying. Workers
 * are started when first needed; one that crashes fails its own job and is replaced. Idle workers
 * do not keep the process alive.
 */
export class WorkerExecutor implements Executor {
  readonly parallelism: number;
  readonly #keys = new SourceKeys();
  #workers: PoolWorker[] = [];
  #waiting: Task[] = [];
  #isClosed = false;

  /** Tests give an `entry` that misbehaves. */
  constructor(
    workerCount: number,
    private readonly entry: URL = ENTRY,
  ) {
    this.parallelism = Math.max(1, workerCount);
  }

  async run(job: ScanJob, signal: AbortSignal): Promise<PartialResult> {
    signal.throwIfAborted();
    const flag = new SharedArrayBuffer(4);
    const stop = () => {
      Atomics.store(new Int32Array(flag), 0, 1);
      this.#dropWaiting(flag, signal);
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      const partial = await this.#submit({
        kind: 'scan',
        job,
        cancelFlag: flag,
        priority: job.priority,
      });
      if (partial === null) throw new InternalError('a scan came back without a partial');
      return partial;
    } catch (error) {
      // The worker says "cancelled"; the signal knows why.
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async load(job: LoadJob): Promise<void> {
    // Loads go first: somebody's query waits for each of them.
    await this.#submit({ kind: 'load', job, priority: Number.POSITIVE_INFINITY });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const waiting = this.#waiting.splice(0);
    for (const task of waiting) task.reject(closed());
    await Promise.all(this.#workers.map((worker) => worker.close()));
    this.#workers = [];
  }

  #submit(work: Task['work']): Promise<PartialResult | null> {
    if (this.#isClosed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      this.#pump();
    });
  }

  /** Gives waiting tasks to idle workers: highest priority first, oldest first among equals. */
  #pump(): void {
    while (this.#waiting.length > 0 && !this.#isClosed) {
      const worker = this.#idleWorker();
      if (worker === null) return;
      let next = 0;
      for (let i = 1; i < this.#waiting.length; i++) {
        if (this.#waiting[i]!.work.priority > this.#waiting[next]!.work.priority) next = i;
      }
      const [task] = this.#waiting.splice(next, 1);
      worker.start(task!);
    }
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

  /** A job that has not started ends at once; one that runs ends when its worker sees the flag. */
  #dropWaiting(flag: SharedArrayBuffer, signal: AbortSignal): void {
    const index = this.#waiting.findIndex(
      ({ work }) => work.kind === 'scan' && work.cancelFlag === flag,
    );
    if (index < 0) return;
    const [task] = this.#waiting.splice(index, 1);
    task!.reject(signal.reason);
  }
}

const closed = (): UnavailableError =>
  new UnavailableError('the query workers are shut down; ask again when the server is up');
