import { atOnce, type Disk } from '../../core/index.js';
import { type DecodedPartial, mergeGroups } from '../interpreter/group-partial.js';
import type { NativeQuery } from '../native/query.js';
import { partialOfGroups } from '../spill/partial-of-groups.js';
import { readPartials } from '../spill/spill-partial.js';
import type { PieceBatch } from './executor.js';
import type { NumberedPartial } from './run-job.js';
import { GatheredGroups, groupsOf, usedGroups } from './used-groups.js';

export interface PieceFacts {
  readonly query: NativeQuery;
  readonly disk: Disk;
  readonly checkCancelled: () => void;
}

/** Merges ranges of partitions of groups on disk until `claim` gives no more. */
export function runPieces(
  { pieces, jobs, use, limits }: Omit<PieceBatch, 'kind' | 'query' | 'priority'>,
  claim: () => number | null,
  { query, disk, checkCancelled }: PieceFacts,
): NumberedPartial[] {
  const { engine, plan } = groupsOf(query);
  const { dimensions, aggregations } = plan;
  const shared = { limits, scratchSlot: null, givesBlocks: 'never', checkCancelled } as const;
  const finish = usedGroups(use, query, engine, shared);
  const gathered = new GatheredGroups(limits.maxGroups);
  const partials: NumberedPartial[] = [];
  for (let job = claim(); job !== null; job = claim()) {
    const { from, to } = jobs[job]!;
    const read: DecodedPartial[] = [];
    for (const each of pieces) {
      checkCancelled();
      read.push(...readPartials(disk, each, from, to));
    }
    const { table } = atOnce(
      mergeGroups(read, dimensions.length, aggregations, 0, limits.maxGroups),
    );
    const partial = finish(table, (chosen) =>
      partialOfGroups(table, dimensions.length, aggregations, chosen),
    );
    gathered.add(partial);
    partials.push({ job, partial });
  }
  return partials;
}
