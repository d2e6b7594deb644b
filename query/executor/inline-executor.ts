import type { Disk, JsonObject } from '../../core/index.js';
import { type LoadJob, performLoad, type Segment } from '../../segments/index.js';
import type { PartialResult } from '../engines/engine.js';
import type { ScratchSlot } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import type {
  Batch,
  Executor,
  JobSource,
  MergeBatch,
  PieceBatch,
  ScanBatch,
  SpillBatch,
} from './executor.js';
import { openSource, runJobs } from './run-job.js';
import { runMerges } from './run-merge.js';
import { runPieces } from './run-pieces.js';
import { runSpills } from './run-spills.js';

/**
 * Runs jobs in the calling thread, one after the other, letting timers and I/O have their turn in
 * between. For tests and for tools without worker threads.
 */
export class InlineExecutor implements Executor {
  readonly parallelism = 1;
  readonly #queries = new WeakMap<JsonObject, NativeQuery>();
  readonly #segments = new WeakMap<object, Segment>();

  /** Without a slot everything is interpreted. */
  constructor(
    private readonly disk: Disk,
    private readonly scratchSlot: ScratchSlot | null = { index: 0, count: 1 },
  ) {}

  async run(batch: Batch, signal: AbortSignal): Promise<(PartialResult | null)[]> {
    switch (batch.kind) {
      case 'scan':
        return this.#scan(batch, signal);
      case 'merge':
        return this.#merge(batch, signal);
      case 'spill':
        return this.#spill(batch, signal);
      case 'pieces':
        return this.#pieces(batch, signal);
    }
  }

  async #spill(batch: SpillBatch, signal: AbortSignal): Promise<PartialResult[]> {
    const jobs = batch.jobs.map(({ source, partials }) => ({
      open: source && (() => this.#segment(source)),
      partials,
    }));
    const { target } = batch;
    const facts = { target, ...this.#shared(batch.query, signal) };
    return runSpills(jobs, claimer(jobs.length), facts).map(({ partial }) => partial);
  }

  async #pieces(batch: PieceBatch, signal: AbortSignal): Promise<PartialResult[]> {
    const facts = this.#shared(batch.query, signal);
    return runPieces(batch, claimer(batch.jobs.length), facts).map(({ partial }) => partial);
  }

  #shared(query: JsonObject, signal: AbortSignal) {
    const checkCancelled = () => signal.throwIfAborted();
    return { query: this.#query(query), disk: this.disk, checkCancelled };
  }

  async #merge(batch: MergeBatch, signal: AbortSignal): Promise<PartialResult[]> {
    const { scratchSlot } = this;
    const segment = this.#segment(batch.source);
    const facts = { segment, scratchSlot, ...this.#shared(batch.query, signal) };
    return runMerges(batch, claimer(batch.jobs.length), facts).map(({ partial }) => partial);
  }

  async #scan(batch: ScanBatch, signal: AbortSignal): Promise<(PartialResult | null)[]> {
    const results = new Array<PartialResult | null>(batch.jobs.length).fill(null);
    const jobs = batch.jobs.map((job) => ({ ...job, segment: this.#segment(job.source) }));
    const facts = {
      ...this.#shared(batch.query, signal),
      mergesJobs: batch.mergesJobs,
      givesBlocks: batch.givesBlocks,
      rights: (batch.rights ?? []).map(({ source, seen }) => ({
        segment: this.#segment(source),
        seen,
      })),
      spill: batch.spill && { target: batch.spill, disk: this.disk },
      limits: batch.limits,
      scratchSlot: this.scratchSlot,
    };
    let next = 0;
    const { bundles } = batch;
    while (next < bundles.length) {
      await new Promise((resolve) => setImmediate(resolve));
      // Half of the bundles at a time, so that both merged and separate partials come up.
      const end = next + Math.ceil((bundles.length - next) / 2);
      const claim = () => (next < end ? next++ : null);
      for (const { job, partial } of runJobs(jobs, bundles, claim, facts)) results[job] = partial;
    }
    return results;
  }

  async load(job: LoadJob): Promise<void> {
    performLoad(this.disk, job);
  }

  async close(): Promise<void> {}

  #query(spec: JsonObject): NativeQuery {
    const known = this.#queries.get(spec);
    if (known !== undefined) return known;
    const query = parseNativeQuery(spec);
    this.#queries.set(spec, query);
    return query;
  }

  #segment(source: JobSource): Segment {
    const key = keyOf(source);
    const known = this.#segments.get(key);
    if (known !== undefined) return known;
    const segment = openSource(source);
    this.#segments.set(key, segment);
    return segment;
  }
}

/** Gives the numbers of so many jobs, one after the other. */
function claimer(jobCount: number): () => number | null {
  let next = 0;
  return () => (next < jobCount ? next++ : null);
}

/** Of equal bytes: what is found out about a segment is remembered by it. */
function keyOf(source: JobSource): object {
  if (source.kind === 'rows') return source.block;
  if (source.kind === 'lookup') return source.handle.buffer;
  return source.casts.size === 0 ? source.handle : source;
}
