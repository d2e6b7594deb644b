import { Worker } from 'node:worker_threads';
import { decodeError, UnavailableError } from '../../core/index.js';
import type { LoadJob } from '../../segments/index.js';
import type { ScratchSlot } from '../interpreter/target.js';
import type { BatchRun } from './batch-run.js';
import { BoundedMap } from './bounded-map.js';
import type { JobSource, ScanJob } from './executor.js';
import {
  CACHE_SIZES,
  cacheOf,
  type JobMessage,
  type Message,
  type Reply,
  type SourceMessage,
} from './messages.js';
import type { NumberedPartial } from './run-job.js';
import type { SourceKeys } from './source-keys.js';

/** Work and whoever waits for it. */
export interface Task {
  readonly work:
    | { readonly kind: 'batch'; readonly run: BatchRun }
    | { readonly kind: 'load'; readonly job: LoadJob };
  readonly resolve: (partials: readonly NumberedPartial[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface PoolWorkerEvents {
  /** A task ended and another may start. */
  readonly onIdle: () => void;
  /** The thread ended by itself. */
  readonly onGone: () => void;
}

/** One worker thread with at most one task. */
export class PoolWorker {
  readonly #worker: Worker;
  readonly #queries = new BoundedMap<number, true>(CACHE_SIZES.queries);
  readonly #sources = {
    files: new BoundedMap<string, true>(CACHE_SIZES.files),
    others: new BoundedMap<string, true>(CACHE_SIZES.others),
  };
  #task: Task | null = null;
  #isGone = false;

  constructor(
    entry: URL,
    /** No two workers at a time have the same. */
    readonly slot: ScratchSlot,
    private readonly keys: SourceKeys,
    private readonly events: PoolWorkerEvents,
  ) {
    this.#worker = new Worker(entry, { name: 'varve-query', workerData: slot });
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => this.#finish(reply));
    this.#worker.on('error', (error) => this.#lost(`crashed: ${error.message}`));
    this.#worker.on('exit', (code) => this.#lost(`ended with code ${code}`));
  }

  get isIdle(): boolean {
    return this.#task === null && !this.#isGone;
  }

  /** What it works on. */
  get batch(): BatchRun | null {
    return this.#task?.work.kind === 'batch' ? this.#task.work.run : null;
  }

  /** The worker must be idle. Until the task ends, the thread keeps the process alive. */
  start(task: Task): void {
    this.#task = task;
    this.#worker.ref();
    try {
      this.#worker.postMessage(this.#message(task.work));
    } catch (error) {
      // Something in the task cannot be cloned: nothing was sent.
      this.#end().reject(error);
      this.events.onIdle();
    }
  }

  async close(): Promise<void> {
    this.#isGone = true;
    await this.#worker.terminate();
    if (this.#task !== null) this.#end().reject(lost('was shut down'));
  }

  #message(work: Task['work']): Message {
    if (work.kind === 'load') return { kind: 'load', job: work.job };
    const { batch, control } = work.run;
    const queryKey = this.keys.ofQuery(batch.query);
    const query = this.#queries.has(queryKey) ? null : batch.query;
    if (query !== null) this.#queries.add(queryKey, true);
    const shared = { queryKey, query, control: control.buffer };
    if (batch.kind === 'merge') {
      const { layout, blocks, jobs, isAll, outer, limits } = batch;
      const merge = { layout, blocks, jobs, isAll, outer, limits };
      return { kind: 'merge', source: this.#source(batch.source), merge, ...shared };
    }
    // In the order of the jobs, in which the worker will look their sources up.
    const jobs = batch.jobs.map((job) => this.#job(job));
    const { mergesJobs, givesBlocks, limits } = batch;
    return { kind: 'batch', jobs, mergesJobs, givesBlocks, limits, ...shared };
  }

  #job({ source, from, to, spans }: ScanJob): JobMessage {
    return { ...this.#source(source), from, to, spans };
  }

  #source(source: JobSource): SourceMessage {
    const sourceKey = this.keys.of(source);
    const sources = this.#sources[cacheOf(sourceKey)];
    const isKnown = sources.has(sourceKey);
    if (!isKnown) sources.add(sourceKey, true);
    return { sourceKey, source: isKnown ? null : source };
  }

  #finish(reply: Reply): void {
    if (this.#task === null) return;
    const task = this.#end();
    if (reply.kind === 'done') task.resolve(reply.partials);
    else task.reject(decodeError(reply.error));
    this.events.onIdle();
  }

  #lost(what: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    if (this.#task !== null) this.#end().reject(lost(what));
    this.events.onGone();
  }

  #end(): Task {
    const task = this.#task!;
    this.#task = null;
    if (!this.#isGone) this.#worker.unref();
    return task;
  }
}

const lost = (what: string): UnavailableError =>
  new UnavailableError(`a query worker ${what}; the query may be asked again`);
