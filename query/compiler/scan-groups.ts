import { invariant } from '../../core/index.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { ScanTarget } from '../interpreter/target.js';
import { type OpenScan, openScan } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';
import type { EntryGroups } from './entry-groups.js';
import type { BlockSink, GroupBlock, GroupBlocks } from './group-blocks.js';
import { KernelCache } from './kernel-cache.js';
import { FEW_SKETCHES, type Strategy } from './layout.js';
import { type Lowered, lowerPlan, planHolds } from './lowered.js';
import {
  blockOf,
  inMemory,
  type MergeFacts,
  mergePartitions,
  partialOf,
  type ReadBlock,
} from './merge-partitions.js';
import type { PartitionRange } from './merge-plan.js';
import { PerSegment } from './per-segment.js';
import { prepare } from './prepare.js';
import { runKernel } from './run.js';
import { Scratch, unlessFull } from './scratch.js';

/** Of this thread: workers share nothing but the bytes of segments. */
const cache = new KernelCache();

/** Plans that were taken apart. */
const plans = new PerSegment<Lowered>(planHolds);

export interface CompileOptions {
  /** Tests force each strategy on the same data. */
  readonly strategy?: Strategy;
  /** As many groups, or fewer, are not given as blocks. */
  readonly fewGroups?: number;
  /** As many groups, or fewer, have sketches that grow while rows are scanned. */
  readonly fewSketches?: number;
}

/** The main thread merges them in less time than it takes to ask a worker. */
const FEW_GROUPS = 4096;

/**
 * Groups the rows of a job with a compiled kernel. Null when the plan, the segment or the room there
 * is does not allow it: then the interpreter does.
 */
export function compiledGroups(
  scan: OpenScan,
  query: BaseQuery,
  plan: GroupPlan,
  options: CompileOptions = {},
): GroupPartial | GroupBlocks | null {
  const { target } = scan;
  const { scanMemory } = target.segment;
  if (scanMemory === null || target.scratchSlot === null) return null;
  const lowered = plans.get(query, target.segment, () => lowerPlan(scan, query, plan));
  const scratch = lowered === null ? null : Scratch.of(scanMemory, target.scratchSlot);
  if (lowered === null || scratch === null) return null;
  const prepared = prepare(scan, query, plan, lowered, {
    roomBytes: scratch.freeBytes / 2,
    force: options.strategy ?? null,
    fewSketches: options.fewSketches ?? FEW_SKETCHES,
  });
  if (prepared === null) return null;
  const job = { scan, lowered, ...prepared, fewGroups: options.fewGroups ?? FEW_GROUPS };
  return unlessFull(() => runKernel(job, cache, scratch));
}

/** The blocks of one segment's jobs, or of many whose keys mean the same in all of them. */
export interface BlockMerge extends Pick<MergeFacts, 'layout' | 'blocks'> {
  readonly readBlock?: ReadBlock;
  readonly query: BaseQuery;
  readonly plan: GroupPlan;
  /** Of a segment that the blocks are of. */
  readonly target: ScanTarget;
}

/** What may be made of merged groups. */
export interface MergedEntries {
  readonly groups: EntryGroups;
  /** The chosen ones, or all. */
  partial(chosen: readonly number[] | null): GroupPartial;
  /** All, which are of one partition. */
  block(sink: BlockSink): GroupBlock;
}

/** Merges the groups of some partitions, and calls `read` while they lie in this thread's room. */
export function mergedGroups<T>(
  { query, plan, target, layout, blocks, readBlock = inMemory }: BlockMerge,
  partitions: PartitionRange,
  read: (merged: MergedEntries) => T,
): T {
  const { segment, scratchSlot, limits, checkCancelled } = target;
  const lowered = plans.get(query, segment, () =>
    lowerPlan(openScan(target, query.virtualColumns), query, plan),
  );
  const scratch = segment.scanMemory && scratchSlot && Scratch.of(segment.scanMemory, scratchSlot);
  invariant(lowered !== null && scratch !== null, 'what gave blocks can merge them');
  const { maxGroups } = limits;
  const facts = { lowered, plan, layout, blocks, readBlock, maxGroups, checkCancelled };
  const groups = mergePartitions(facts, partitions, cache, scratch);
  return read({
    groups,
    partial: (chosen) => partialOf(facts, groups, chosen),
    block: (sink) => blockOf(facts, groups, partitions, sink),
  });
}
