import { Worker } from 'node:worker_threads';
import { decodeError, UnavailableError } from '../../core/index.js';
import type { LoadJob } from '../../segments/index.js';
import type { PartialResult } from '../engines/engine.js';
import type { ScratchSlot } from '../interpreter/target.js';
import { BoundedMap } from './bounded-map.js';
import type { ScanJob } from './executor.js';
import { CACHE_SIZES, cacheOf, type Message, type Reply, type ScanMessage } from './messages.js';
import type { SourceKeys } from './source-keys.js';

export type Work =
  | {
      readonly kind: 'scan';
      readonly job: ScanJob;
      readonly cancelFlag: SharedArrayBuffer;
      readonly priority: number;
    }
  | { readonly kind: 'load'; readonly job: LoadJob; readonly priority: number };

/** Work and whoever waits for it. */
export interface Task {
  readonly work: Work;
  readonly resolve: (partial: PartialResult | null) => void;
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

  /** The worker must be idle. Until the task ends, the thread keeps the process alive. */
  start(task: Task): void {
    this.#task = task;
    this.#worker.ref();
    try {
      this.#worker.postMessage(this.#message(task.work));
    } catch (error) {
      // Something in the job cannot be cloned: nothing was sent.
      this.#end().reject(error);
      this.events.onIdle();
    }
  }

  async close(): Promise<void> {
    this.#isGone = true;
    await this.#worker.terminate();
    if (this.#task !== null) this.#end().reject(lost('was shut down'));
  }

  #message(work: Work): Message {
    if (work.kind === 'load') return { kind: 'load', job: work.job };
    const { query, source, from, to, spans, limits } = work.job;
    const queryKey = this.keys.id(query);
    const sourceKey = this.keys.of(source);
    const sources = this.#sources[cacheOf(sourceKey)];
    const message: ScanMessage = {
      kind: 'scan',
      queryKey,
      query: this.#queries.has(queryKey) ? null : query,
      sourceKey,
      source: sources.has(sourceKey) ? null : source,
      from,
      to,
      spans,
      limits,
      cancelFlag: work.cancelFlag,
    };
    if (message.query !== null) this.#queries.add(queryKey, true);
    if (message.source !== null) sources.add(sourceKey, true);
    return message;
  }

  #finish(reply: Reply): void {
    if (this.#task === null) return;
    const task = this.#end();
    if (reply.kind === 'done') task.resolve(reply.partial);
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
