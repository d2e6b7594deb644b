import type { JsonObject } from '../../core/index.js';
import type { GroupBlock, GroupBlocks } from '../compiler/group-blocks.js';
import { singlePartitions } from '../compiler/merge-plan.js';
import type { PartialResult } from '../engines/engine.js';
import type { Executor, JobSource, ScanBatch } from '../executor/executor.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { JobLimits } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import { runMerge, signatureOf } from '../plan/merge-blocks.js';
import { partialBytes, tableBytes } from './partial-bytes.js';
import type { QueryRoom } from './query-rooms.js';
import { spilledPartial } from './spill-results.js';

/** The query as executors know it, and how much of it there may be. */
export interface TakeContext {
  readonly spec: JsonObject;
  readonly limits: JobLimits;
  readonly signal: AbortSignal;
}

/** Rows whose groups may take a quarter of what the query may hold are scanned at a time. */
const WAVES = 4;

/**
 * Runs the scans of one query and counts what their results take. Groups that half of the room does not hold are merged where that
 * makes them fewer; where it does not, those of later rows go to disk.
 */
export class ScanRoom {
  #heldBytes = 0;
  #spills: boolean;
  /** Blocks whose entries mean the same, by what tells it, in the order of the rows. */
  readonly #alike = new Map<string, { source: JobSource; partials: GroupBlocks[] }>();
  readonly #sources = new Map<JobSource, number>();

  constructor(
    private readonly room: QueryRoom,
    private readonly executor: Executor,
    private readonly query: NativeQuery,
    private readonly plan: GroupPlan | null,
  ) {
    this.#spills = plan !== null && room.spill !== null && room.leastSpillBytes === 0;
  }

  /** As the executor does, as many jobs at a time as there is room for. Throws ResourceLimitError. */
  async run(batch: ScanBatch, signal: AbortSignal): Promise<(PartialResult | null)[]> {
    const all: (PartialResult | null)[] = [];
    for (const wave of this.#wavesOf(batch)) {
      const spill = this.#spillsNext(wave) && this.room.spill!.target(this.room.leastSpillBytes);
      const partials = await this.executor.run({ ...wave, ...(spill && { spill }) }, signal);
      const held = await this.#withinRoom(wave, partials, signal);
      this.#hold(wave, held);
      await this.#makeRoom(batch, signal);
      for (const partial of held) all.push(partial);
    }
    return all;
  }

  /** Counts a result that another process found; where there is no room for its groups, they go to disk. Throws ResourceLimitError. */
  async take(partial: PartialResult, context: TakeContext): Promise<PartialResult> {
    const bytes = partialBytes(partial);
    const { memory, spill } = this.room;
    if (partial.kind === 'groups' && bytes > 0 && spill !== null && !memory.hasRoom(bytes)) {
      const { executor, query } = this;
      return spilledPartial(partial, null, { ...context, executor, query, spill });
    }
    memory.hold(bytes);
    this.#heldBytes += bytes;
    return partial;
  }

  /**
   * Results that were taken, so that they can be merged: where a table of all their groups may not find room, those of one go to disk, and then
   * all are merged a part of them at a time.
   */
  async settled<R extends { readonly partial: PartialResult }>(
    results: readonly R[],
    context: TakeContext,
  ): Promise<readonly R[]> {
    const { spill, memory } = this.room;
    const table = results.reduce((sum, { partial }) => sum + tableBytes(partial), 0);
    const place = results.findIndex(({ partial }) => tableBytes(partial) > 0);
    if (spill === null || place < 0 || memory.hasRoom(table)) return results;
    const { executor, query } = this;
    const groups = results[place]!.partial as GroupPartial;
    const partial = await spilledPartial(groups, null, { ...context, executor, query, spill });
    this.drop(groups);
    return results.with(place, { ...results[place]!, partial });
  }

  /** Gives back what was taken, for it does not count. */
  drop(partial: PartialResult): void {
    const bytes = partialBytes(partial);
    this.room.memory.release(bytes);
    this.#heldBytes -= bytes;
  }

  /** Call when the results are no longer there. */
  release(): void {
    this.room.memory.release(this.#heldBytes);
    this.#heldBytes = 0;
    this.#alike.clear();
  }

  *#wavesOf(batch: ScanBatch): Generator<ScanBatch> {
    const most = this.room.memory.limitBytes / WAVES / this.#bytesPerRow;
    const { jobs, bundles } = batch;
    let rows = jobs.reduce((sum, { rowsExpected }) => sum + rowsExpected, 0);
    if (this.plan === null || rows <= most) {
      yield batch;
      return;
    }
    let first = 0;
    for (let from = 0; from < bundles.length; ) {
      rows = 0;
      let to = from;
      let job = first;
      do {
        for (; job < bundles[to]!; job++) rows += jobs[job]!.rowsExpected;
        to++;
      } while (to < bundles.length && rows < most);
      const ends = bundles.slice(from, to).map((end) => end - first);
      yield { ...batch, jobs: jobs.slice(first, job), bundles: ends };
      [from, first] = [to, job];
    }
  }

  /** What the group of a row takes, if each row makes one. */
  get #bytesPerRow(): number {
    const { dimensions, aggregations } = this.plan ?? { dimensions: [], aggregations: [] };
    return 8 * (2 + dimensions.length + aggregations.length);
  }

  /** Once groups go to disk, those of later rows do. */
  #spillsNext({ jobs }: ScanBatch): boolean {
    if (this.plan === null || this.room.spill === null) return false;
    const rows = jobs.reduce((sum, { rowsExpected }) => sum + rowsExpected, 0);
    this.#spills ||= !this.room.memory.hasRoom(rows * this.#bytesPerRow);
    return this.#spills;
  }

  /** Results for which no room is left, of which others may have taken some meanwhile, with their groups on disk instead. */
  async #withinRoom(
    { jobs, query: spec, limits }: ScanBatch,
    partials: readonly (PartialResult | null)[],
    signal: AbortSignal,
  ): Promise<readonly (PartialResult | null)[]> {
    const { memory, spill } = this.room;
    const bytes = partials.reduce((sum, partial) => sum + (partial ? partialBytes(partial) : 0), 0);
    if (spill === null || this.plan === null || memory.hasRoom(bytes)) return partials;
    this.#spills = true;
    const { executor, query } = this;
    const context = { executor, limits, spec, query, spill, signal };
    const spilled: (PartialResult | null)[] = [];
    for (const [i, partial] of partials.entries()) {
      const isGroups = partial?.kind === 'groups' || partial?.kind === 'blocks';
      const isHeld = isGroups && partialBytes(partial) > 0;
      spilled.push(isHeld ? await spilledPartial(partial, jobs[i]!.source, context) : partial);
    }
    return spilled;
  }

  #hold({ jobs }: ScanBatch, partials: readonly (PartialResult | null)[]): void {
    for (const [i, partial] of partials.entries()) {
      if (partial === null) continue;
      const bytes = partialBytes(partial);
      this.room.memory.hold(bytes);
      this.#heldBytes += bytes;
      if (partial.kind === 'blocks' && bytes > 0) this.#addBlocks(partial, jobs[i]!.source);
    }
  }

  #addBlocks(partial: GroupBlocks, source: JobSource): void {
    const number = this.#sources.get(source) ?? this.#sources.size;
    this.#sources.set(source, number);
    const signature = signatureOf(partial, number);
    const known = this.#alike.get(signature);
    if (known === undefined) this.#alike.set(signature, { source, partials: [partial] });
    else known.partials.push(partial);
  }

  /** Merges blocks where half of the room is full. Unless that halves them, groups go to disk from now on. */
  async #makeRoom({ query, limits }: ScanBatch, signal: AbortSignal): Promise<void> {
    const before = this.#heldBytes;
    if (before <= this.room.memory.limitBytes / 2) return;
    for (const { source, partials } of this.#alike.values()) {
      const [first, ...others] = partials;
      // Blocks of arrays of groups never go to disk; of others, some may be there.
      if (first === undefined || (this.#spills && first.layout.denseGroups === 0)) continue;
      const alike = { partial: first, source, blocks: partials.flatMap(({ blocks }) => blocks) };
      const options = { executor: this.executor, limits };
      const use = { kind: 'blocks' } as const;
      const made = await runMerge(query, alike, use, this.query, options, signal, singlePartitions);
      this.#put(
        first,
        made.flatMap((each) => (each.kind === 'blocks' ? each.blocks : [])),
      );
      for (const other of others) this.#put(other, []);
    }
    this.#spills ||= this.room.spill !== null && this.#heldBytes > before / 2;
  }

  #put(partial: GroupBlocks, blocks: readonly GroupBlock[]): void {
    const before = partialBytes(partial);
    partial.blocks = blocks;
    partial.few = null;
    const freed = before - partialBytes(partial);
    this.room.memory.release(freed);
    this.#heldBytes -= freed;
  }
}
