import type { Disk, JsonObject } from '../../core/index.js';
import { type LoadJob, performLoad, type Segment } from '../../segments/index.js';
import type { PartialResult } from '../engines/engine.js';
import type { ScratchSlot } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import type { Batch, Executor, JobSource, MergeBatch, ScanBatch } from './executor.js';
import { openSource, runJobs } from './run-job.js';
import { runMerges } from './run-merge.js';

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
    return batch.kind === 'scan' ? this.#scan(batch, signal) : this.#merge(batch, signal);
  }

  async #merge(batch: MergeBatch, signal: AbortSignal): Promise<PartialResult[]> {
    let next = 0;
    const claim = () => (next < batch.jobs.length ? next++ : null);
    const facts = {
      query: this.#query(batch.query),
      segment: this.#segment(batch.source),
      scratchSlot: this.scratchSlot,
      checkCancelled: () => signal.throwIfAborted(),
    };
    return runMerges(batch, claim, facts).map(({ partial }) => partial);
  }

  async #scan(batch: ScanBatch, signal: AbortSignal): Promise<(PartialResult | null)[]> {
    const results = new Array<PartialResult | null>(batch.jobs.length).fill(null);
    const jobs = batch.jobs.map((job) => ({ ...job, segment: this.#segment(job.source) }));
    const facts = {
      query: this.#query(batch.query),
      mergesJobs: batch.mergesJobs,
      givesBlocks: batch.givesBlocks,
      rights: (batch.rights ?? []).map(({ source, seen }) => ({
        segment: this.#segment(source),
        seen,
      })),
      limits: batch.limits,
      scratchSlot: this.scratchSlot,
      checkCancelled: () => signal.throwIfAborted(),
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

/** Of equal bytes: what is found out about a segment is remembered by it. */
function keyOf(source: JobSource): object {
  if (source.kind === 'rows') return source.block;
  if (source.kind === 'lookup') return source.handle.buffer;
  return source.casts.size === 0 ? source.handle : source;
}
