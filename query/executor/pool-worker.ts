import { Worker } from 'node:worker_threads';
import { decodeError, UnavailableError } from '../../core/index.js';
import type { LoadJob } from '../../segments/index.js';
import type { ScratchSlot } from '../interpreter/target.js';
import type { BatchRun } from './batch-run.js';
import { BoundedMap } from './bounded-map.js';
import type { GroupUse, JobSource, ScanJob } from './executor.js';
import { KnownQueries } from './known-queries.js';
import {
  type BatchMessage,
  CACHE_SIZES,
  cacheOf,
  isKept,
  JOB_FIELDS,
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
  readonly #queries = new KnownQueries<true>(CACHE_SIZES.queries);
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
    const { number: queryKey, json, lookups: named } = this.keys.ofQuery(batch.query);
    const query = this.#queries.has(queryKey) ? null : json;
    if (query !== null) this.#queries.add(queryKey, named, true);
    const lookups = query === null ? [] : named;
    const shared = { queryKey, query, lookups, control: control.buffer };
    if (batch.kind === 'merge') {
      const { layout, blocks, jobs, use, limits } = batch;
      const merge = { layout, blocks, jobs, use, limits };
      const all = { ...shared, lookups: [...lookups, ...this.#lookupsOf(use)] };
      return { kind: 'merge', source: this.#source(batch.source), merge, ...all };
    }
    if (batch.kind === 'pieces') {
      const { pieces, jobs, use, limits } = batch;
      const all = { ...shared, lookups: [...lookups, ...this.#lookupsOf(use)] };
      return { kind: 'pieces', merge: { pieces, jobs, use, limits }, ...all };
    }
    if (batch.kind === 'spill') {
      const sources = batch.jobs.map(({ source }) => source && this.#source(source));
      const jobs = batch.jobs.map(({ partials }) => partials);
      return { kind: 'spill', sources, jobs, target: batch.target, ...shared };
    }
    const { bundles, mergesJobs, givesBlocks, spill, limits } = batch;
    const rest = { bundles, mergesJobs, givesBlocks, spill, limits };
    const rights = (batch.rights ?? []).map(({ source, seen }) => ({
      ...this.#source(source),
      seen,
    }));
    return { kind: 'batch', rights, ...this.#jobs(batch.jobs), ...rest, ...shared };
  }

  /** Those that an outer query names, which goes along each time. */
  #lookupsOf(use: GroupUse): BatchMessage['lookups'] {
    return use.kind === 'outer' ? this.keys.ofQuery(use.query).lookups : [];
  }

  /** Jobs name their sources and spans by place: many share one. Sources are in the order in which the worker looks them up. */
  #jobs(
    all: readonly ScanJob[],
  ): Pick<BatchMessage, 'sources' | 'opened' | 'spans' | 'rows' | 'jobs'> {
    const sources = new Places<JobSource>();
    const spans = new Places<ScanJob['spans']>();
    const rows = new Places<Uint32Array>();
    const jobs = new Float64Array(JOB_FIELDS * all.length);
    for (const [i, job] of all.entries()) {
      const own = job.rows === undefined ? -1 : rows.of(job.rows);
      const fields = [sources.of(job.source), job.from, job.to, spans.of(job.spans), own];
      jobs.set(fields, JOB_FIELDS * i);
    }
    const opened = new Map<number, JobSource>();
    const keys = sources.all.map((each, place) => {
      const { sourceKey, source } = this.#source(each);
      if (source !== null) opened.set(place, source);
      return sourceKey;
    });
    return { sources: keys, opened, spans: spans.all, rows: rows.all, jobs };
  }

  #source(source: JobSource): SourceMessage {
    const sourceKey = this.keys.of(source);
    if (!isKept(source)) return { sourceKey, source };
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

/** A list in which each object has one place. */
class Places<T extends object> {
  readonly all: T[] = [];
  readonly #places = new Map<T, number>();

  of(object: T): number {
    const known = this.#places.get(object);
    if (known !== undefined) return known;
    this.#places.set(object, this.all.length);
    return this.all.push(object) - 1;
  }
}

const lost = (what: string): UnavailableError =>
  new UnavailableError(`a query worker ${what}; the query may be asked again`);
