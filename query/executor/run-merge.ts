import { type Disk, invariant } from '../../core/index.js';
import type { Segment } from '../../segments/index.js';
import { segmentDecoder } from '../compiler/decoder.js';
import { type GroupBlocks, inSharedMemory } from '../compiler/group-blocks.js';
import { type MergedEntries, mergedGroups } from '../compiler/scan-groups.js';
import type { PartialResult } from '../engines/engine.js';
import type { ScanTarget, ScratchSlot } from '../interpreter/target.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import type { NativeQuery } from '../native/query.js';
import { JobSpill } from '../spill/job-spill.js';
import { blockReader } from '../spill/spill-block.js';
import type { MergeBatch } from './executor.js';
import type { NumberedPartial } from './run-job.js';
import { GatheredGroups, groupsOf, usedGroups } from './used-groups.js';

export interface MergeFacts {
  readonly query: NativeQuery;
  readonly segment: Segment;
  readonly scratchSlot: ScratchSlot | null;
  readonly disk: Disk;
  readonly checkCancelled: () => void;
}

type Merge = Omit<MergeBatch, 'kind' | 'query' | 'source' | 'priority'>;

/** Merges ranges of partitions until `claim` gives no more. */
export function runMerges(
  { layout, blocks, jobs, use, limits }: Merge,
  claim: () => number | null,
  { query, segment, scratchSlot, disk, checkCancelled }: MergeFacts,
): NumberedPartial[] {
  const { engine, plan } = groupsOf(query);
  invariant('virtualColumns' in query, 'a query of groups has virtual columns');
  const extent = { from: 0, to: 0 };
  const shared = { limits, scratchSlot, givesBlocks: 'never', checkCancelled } as const;
  const target: ScanTarget = { segment, ranges: () => [], extent, spans: [], ...shared };
  const merge = { query, plan, target, layout, blocks, readBlock: blockReader(disk) };
  const finish = usedGroups(use, query, engine, target);
  const decoder = segmentDecoder(query, plan, () => segment);
  const gathered = new GatheredGroups(limits.maxGroups);
  const partials: NumberedPartial[] = [];
  for (let job = claim(); job !== null; job = claim()) {
    checkCancelled();
    const partial = mergedGroups(merge, jobs[job]!, (merged): PartialResult => {
      const { groups } = merged;
      if (use.kind === 'blocks') return asBlocks(merge, merged);
      if (use.kind !== 'spill') return finish(groups, merged.partial);
      const spill = new JobSpill(disk, use.target, job!);
      try {
        return spill.all([merged.partial(null)], decoder, plan.aggregations);
      } finally {
        spill.close();
      }
    });
    gathered.add(partial);
    partials.push({ job, partial });
  }
  return partials;
}

const asBlocks = (
  { layout }: Pick<Merge, 'layout'>,
  { groups, block }: MergedEntries,
): GroupBlocks => ({
  kind: 'blocks',
  layout,
  hasCodes: false,
  blocks: [block(inSharedMemory)],
  few: null,
  visible: noVisibleTimes(0),
  rowsScanned: groups.groupCount,
  compiled: true,
});
