import { InternalError, invariant } from '../../core/index.js';
import type { Segment } from '../../segments/index.js';
import { mergedGroups } from '../compiler/scan-groups.js';
import { scanEngineOf } from '../engines/registry.js';
import type { ScanTarget, ScratchSlot } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import type { MergeBatch } from './executor.js';
import type { NumberedPartial } from './run-job.js';

export interface MergeFacts {
  readonly query: NativeQuery;
  readonly segment: Segment;
  readonly scratchSlot: ScratchSlot | null;
  readonly checkCancelled: () => void;
}

/** Merges ranges of partitions until `claim` gives no more. */
export function runMerges(
  {
    layout,
    blocks,
    jobs,
    isAll,
    limits,
  }: Omit<MergeBatch, 'kind' | 'query' | 'source' | 'priority'>,
  claim: () => number | null,
  { query, segment, scratchSlot, checkCancelled }: MergeFacts,
): NumberedPartial[] {
  const engine = scanEngineOf(query);
  const plan = engine?.groups(query) ?? null;
  if (engine === undefined || plan === null) throw new InternalError('blocks are of group plans');
  invariant('virtualColumns' in query, 'a query of groups has virtual columns');
  const target = targetOf(segment, limits, scratchSlot, checkCancelled);
  const partials: NumberedPartial[] = [];
  for (let job = claim(); job !== null; job = claim()) {
    checkCancelled();
    const partial = mergedGroups(
      { query, plan, target, layout, blocks },
      jobs[job]!,
      (groups, partialOf) => partialOf(isAll ? engine.candidates(query, groups) : null),
    );
    partials.push({ job, partial });
  }
  return partials;
}

/** Of no rows: a segment's columns say what its codes mean. */
function targetOf(
  segment: Segment,
  limits: ScanTarget['limits'],
  scratchSlot: ScratchSlot | null,
  checkCancelled: () => void,
): ScanTarget {
  const extent = { from: 0, to: 0 };
  return {
    segment,
    ranges: () => [],
    extent,
    spans: [],
    limits,
    scratchSlot,
    givesBlocks: false,
    checkCancelled,
  };
}
