import type { GroupPartial } from '../interpreter/group-partial.js';
import type { VisibleTimes } from '../interpreter/visible-times.js';
import type { SpilledPieces } from '../spill/spilled.js';
import { isDistinctKey } from './keys.js';
import type { Layout } from './layout.js';
import type { Lowered } from './lowered.js';

export const PARTITION_BITS = 6;

/** Groups fall into as many partitions, by the high bits of their hash: equal keys into the same one. */
export const PARTITIONS = 2 ** PARTITION_BITS;

/** Entries of a hash table (see `layout.ts`), ordered by partition: those of p end before number `ends[p]`. */
export interface GroupBlock {
  /** In memory, or by partition in a spill file. */
  readonly words: Int32Array<SharedArrayBuffer> | SpilledPieces;
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** The groups that a job found, as bytes, to be merged with those of other jobs. A group may come up in several blocks. */
export interface GroupBlocks {
  readonly kind: 'blocks';
  readonly layout: Layout;
  /** Keys hold codes, which mean something together with the segment only. */
  readonly hasCodes: boolean;
  /** Whoever holds them may put others in their place, of the same groups. */
  blocks: readonly GroupBlock[];
  /** The same groups, where they are few: to merge them here takes less time than to ask a worker. */
  few: GroupPartial | null;
  readonly visible: VisibleTimes;
  readonly rowsScanned: number;
  readonly compiled: true;
}

/** Takes entries that lie in a thread's room, of which the next block will be written over. */
export type BlockSink = (words: Int32Array, ends: Uint32Array<ArrayBuffer>) => GroupBlock;

/** Keeps them in memory that all threads share. */
export const inSharedMemory: BlockSink = (words, ends) => {
  const copy = new Int32Array(new SharedArrayBuffer(words.byteLength));
  copy.set(words);
  return { words: copy, ends };
};

/** What the blocks that are in memory take there. */
export const sharedBytes = (blocks: readonly GroupBlock[]): number =>
  blocks.reduce((sum, { words }) => sum + (words instanceof Int32Array ? words.byteLength : 0), 0);

/** Keys hold codes of a segment. */
export const hasCodes = ({ keys }: Lowered): boolean =>
  keys.some(({ kind }) => kind === 'codes' || kind === 'lists');

/** Whether groups of jobs can be merged by comparing and folding the words of their entries. */
export function hasMergeableEntries(
  { keys, aggregates }: Lowered,
  { strategy, callKeys }: Layout,
): boolean {
  const areFields = aggregates.every(({ combine }) => combine !== null);
  return (
    strategy === 'hash' && callKeys.kind === 'values' && keys.every(isDistinctKey) && areFields
  );
}

export const partitionOf = (hash: number): number => hash >>> (32 - PARTITION_BITS);

/** Where the entries of partition `p` begin. */
export const startOf = ({ ends }: GroupBlock, p: number): number => (p === 0 ? 0 : ends[p - 1]!);
