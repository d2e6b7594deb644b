import { invariant, ResourceLimitError } from '../../core/index.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import { EntryGroups } from './entry-groups.js';
import { type BlockSink, type GroupBlock, PARTITIONS, startOf } from './group-blocks.js';
import { HashGroups } from './hash-groups.js';
import type { KernelBuilder } from './kernel-builder.js';
import type { Kernel, KernelCache } from './kernel-cache.js';
import type { Layout } from './layout.js';
import type { Lowered } from './lowered.js';
import { emitMerge, mergeLayout } from './merge-kernel.js';
import { copyPart, type PartitionRange } from './merge-plan.js';
import { GroupOutput } from './output.js';
import { Parameters } from './parameters.js';
import type { Scratch } from './scratch.js';

/** Entries that are copied next to the table at a time. */
const STAGED_BYTES = 1 << 20;

/** What all partitions of a merge have in common. */
export interface MergeFacts {
  readonly lowered: Lowered;
  readonly plan: GroupPlan;
  readonly layout: Layout;
  /** In the order in which they are to be folded. */
  readonly blocks: readonly GroupBlock[];
  readonly readBlock: ReadBlock;
  readonly maxGroups: number;
  readonly checkCancelled: () => void;
}

/** The entries of partitions [from, to) of a block, wherever they are, and which of `words` is the first. */
export type ReadBlock = (
  block: GroupBlock,
  from: number,
  to: number,
) => { readonly words: Int32Array; readonly first: number };

/** Of blocks that are in memory. */
export const inMemory: ReadBlock = (block, from) => {
  invariant(block.words instanceof Int32Array, 'blocks on disk need somebody who reads them');
  return { words: block.words, first: startOf(block, from) };
};

/** The groups of some partitions, each once. What is read of them lies in `scratch`. Throws ResourceLimitError. */
export function mergePartitions(
  facts: MergeFacts,
  partitions: PartitionRange,
  cache: KernelCache,
  scratch: Scratch,
): EntryGroups {
  const { lowered, layout, plan } = facts;
  const { table, count } = new Merge(facts, cache, scratch).run(partitions);
  return new EntryGroups({ lowered, layout, plan, scratch, address: table.entries }, count);
}

/** Some groups as they go to the main thread; `rowsScanned` is how many there were to choose from. */
export function partialOf(
  { lowered, layout, maxGroups }: MergeFacts,
  groups: EntryGroups,
  chosen: readonly number[] | null,
): GroupPartial {
  const output = new GroupOutput({
    lowered,
    layout,
    calls: [],
    maxGroups,
    sketches: null,
    gathered: null,
  });
  const add = (group: number) => output.addHashed(groups.view, groups.addressOf(group));
  if (chosen !== null) for (const group of chosen) add(group);
  else for (let group = 0; group < groups.groupCount; group++) add(group);
  return output.partial(noVisibleTimes(0), groups.groupCount);
}

/** The groups of a single partition as a block. */
export function blockOf(
  { layout }: MergeFacts,
  groups: EntryGroups,
  { from }: PartitionRange,
  sink: BlockSink,
): GroupBlock {
  const length = (groups.groupCount * layout.stride) / 4;
  const words = new Int32Array(groups.view.buffer, groups.addressOf(0), length);
  return sink(words, new Uint32Array(PARTITIONS).fill(groups.groupCount, from));
}

/** By layout, which is one object for all partitions, and by where entries are copied to. */
const kernels = new WeakMap<Layout, Map<number, KernelBuilder>>();

function kernelOf({ aggregates }: Lowered, layout: Layout, address: number): KernelBuilder {
  const known = kernels.get(layout) ?? new Map<number, KernelBuilder>();
  kernels.set(layout, known);
  const kernel = known.get(address) ?? emitMerge(aggregates, layout, address);
  known.set(address, kernel);
  return kernel;
}

class Merge {
  readonly #staging: number;
  readonly #staged: number;
  readonly #kernel: Kernel;
  readonly #parameters: Parameters;

  constructor(
    private readonly facts: MergeFacts,
    cache: KernelCache,
    private readonly scratch: Scratch,
  ) {
    const { layout, lowered } = facts;
    const bytes = Math.min(STAGED_BYTES, scratch.freeBytes / 8);
    this.#staged = Math.max(64, Math.floor(bytes / layout.stride));
    this.#staging = scratch.take(this.#staged * layout.stride);
    const builder = kernelOf(lowered, layout, this.#staging);
    this.#kernel = cache.kernel(builder, scratch.memory);
    this.#parameters = new Parameters(scratch, builder);
  }

  run(range: PartitionRange): { readonly table: HashGroups; readonly count: number } {
    const { layout, blocks } = this.facts;
    const slices = blocks.map((block) => {
      const start = startOf(block, range.from);
      return { block, count: block.ends[range.to - 1]! - start };
    });
    const entries = slices.reduce((sum, { count }) => sum + count, 0) / range.parts;
    const merged = mergeLayout(layout);
    const table = new HashGroups(this.scratch, merged, {
      // Parts are not quite of one size.
      maxGroups: merged.groupsPerBlock + (range.parts === 1 ? entries : 2 * entries + 1024),
      expectedSlots: 2 ** Math.ceil(Math.log2(2 * entries + 1)),
    });
    this.#parameters.set('slots', table.slots);
    this.#parameters.set('states', table.entries);
    this.#setTable(table, 0);
    for (const { block, count } of slices) this.#addEntries(table, block, count, range);
    return { table, count: this.#parameters.get('count') };
  }

  #addEntries(table: HashGroups, block: GroupBlock, count: number, range: PartitionRange): void {
    if (count === 0) return;
    const { words, first: start } = this.facts.readBlock(block, range.from, range.to);
    const size = this.facts.layout.stride / 4;
    const staging = new Int32Array(this.scratch.memory.buffer, this.#staging, this.#staged * size);
    for (let at = start; at < start + count; at += this.#staged) {
      this.facts.checkCancelled();
      const more = Math.min(this.#staged, start + count - at);
      const staged = copyPart(words, at, more, range, size, staging);
      for (let row = 0; row < staged; ) {
        row = this.#kernel(this.#parameters.address, row, staged) >>> 0;
        if (row < staged) this.#grow(table);
      }
    }
  }

  #grow(table: HashGroups): void {
    const count = this.#parameters.get('count');
    if (!table.grow(count)) throw tooManyToMerge(count);
    this.#setTable(table, count);
  }

  #setTable({ mask, limit }: HashGroups, count: number): void {
    this.#parameters.set('mask', mask);
    this.#parameters.set('limit', limit);
    this.#parameters.set('count', count);
  }
}

const tooManyToMerge = (count: number): ResourceLimitError =>
  new ResourceLimitError(
    `the query makes more groups than fit into memory.scratchBytes; group by fewer dimensions, filter more, or raise it`,
    count,
    count + 1,
  );
