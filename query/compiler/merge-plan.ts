import type { ScanMemory } from '../../segments/index.js';
import { type GroupBlock, PARTITION_BITS, PARTITIONS, startOf } from './group-blocks.js';
import { HASH_OFFSET, type Layout } from './layout.js';
import { Scratch } from './scratch.js';

/** Groups that a worker merges at a time: as many as stay in its caches. */
const GROUPS_PER_JOB = 32_768;

/** Bytes of slots for each group, at most. */
const SLOT_BYTES_PER_GROUP = 28;

/**
 * Partitions [from, to). A partition that is too large to be merged at once comes in a power of two of
 * parts, by the bits of the hash that follow those of the partition.
 */
export interface PartitionRange {
  readonly from: number;
  readonly to: number;
  readonly part: number;
  readonly parts: number;
}

/** How many groups find room where they are merged, half of it left for what is not known. */
export function mergeCapacity(memory: ScanMemory, workers: number, { stride }: Layout): number {
  const room = Scratch.of(memory, { index: 0, count: workers })?.freeBytes ?? 0;
  return Math.max(64, Math.floor(room / 2 / (stride + SLOT_BYTES_PER_GROUP)));
}

/**
 * What is merged at a time: neighbouring partitions together while they are small, large ones in parts. Entries of an array of groups
 * are told apart by their partitions only, and are so few that parts are not needed.
 */
export function partitionRanges(
  blocks: readonly GroupBlock[],
  capacity: number,
  { denseGroups }: Pick<Layout, 'denseGroups'>,
): PartitionRange[] {
  const ranges: PartitionRange[] = [];
  let from = 0;
  let groups = 0;
  const end = (to: number): void => {
    const parts = denseGroups > 0 ? 1 : partsOf(groups, capacity);
    for (let part = 0; part < parts; part++) ranges.push({ from, to, part, parts });
    from = to;
    groups = 0;
  };
  for (let p = 0; p < PARTITIONS; p++) {
    const more = entriesIn(blocks, p);
    if (p > from && groups + more > Math.min(capacity, GROUPS_PER_JOB)) end(p);
    groups += more;
  }
  end(PARTITIONS);
  return ranges;
}

/** One partition at a time, large ones in parts, so that what comes of each is of one partition. */
export function singlePartitions(
  blocks: readonly GroupBlock[],
  capacity: number,
  { denseGroups }: Pick<Layout, 'denseGroups'>,
): PartitionRange[] {
  return Array.from({ length: PARTITIONS }, (_, from) => {
    const parts = denseGroups > 0 ? 1 : partsOf(entriesIn(blocks, from), capacity);
    return Array.from({ length: parts }, (_, part) => ({ from, to: from + 1, part, parts }));
  }).flat();
}

const partsOf = (groups: number, capacity: number): number =>
  2 ** Math.max(0, Math.ceil(Math.log2(groups / capacity)));

const entriesIn = (blocks: readonly GroupBlock[], p: number): number =>
  blocks.reduce((sum, block) => sum + block.ends[p]! - startOf(block, p), 0);

/** Copies the entries of a part from `at` in `words`, of `count` that follow each other; gives how many there are. */
export function copyPart(
  words: Int32Array,
  at: number,
  count: number,
  { part, parts }: PartitionRange,
  size: number,
  into: Int32Array,
): number {
  if (parts === 1) {
    into.set(words.subarray(at * size, (at + count) * size));
    return count;
  }
  const shift = 32 - PARTITION_BITS - Math.log2(parts);
  let copied = 0;
  for (let from = at * size; from < (at + count) * size; from += size) {
    if (((words[from + HASH_OFFSET / 4]! >>> shift) & (parts - 1)) !== part) continue;
    for (let i = 0; i < size; i++) into[copied * size + i] = words[from + i]!;
    copied++;
  }
  return copied;
}
