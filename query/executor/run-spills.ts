import type { Disk } from '../../core/index.js';
import type { Segment } from '../../segments/index.js';
import { segmentDecoder } from '../compiler/decoder.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { NativeQuery } from '../native/query.js';
import { JobSpill } from '../spill/job-spill.js';
import type { SpillTarget } from '../spill/spilled.js';
import type { NumberedPartial } from './run-job.js';
import { groupsOf } from './used-groups.js';

export interface SpillFacts {
  readonly query: NativeQuery;
  readonly target: SpillTarget;
  readonly disk: Disk;
  readonly checkCancelled: () => void;
}

/** A job whose source can be opened; null where there are no codes. */
export interface OpenSpillJob {
  readonly open: (() => Segment) | null;
  readonly partials: readonly GroupPartial[];
}

/** Writes groups to disk until `claim` gives no more. */
export function runSpills(
  jobs: readonly OpenSpillJob[],
  claim: () => number | null,
  { query, target, disk, checkCancelled }: SpillFacts,
): NumberedPartial[] {
  const { plan } = groupsOf(query);
  const written: NumberedPartial[] = [];
  for (let job = claim(); job !== null; job = claim()) {
    checkCancelled();
    const { open, partials } = jobs[job]!;
    const decoder = open && segmentDecoder(query, plan, open);
    const spill = new JobSpill(disk, target, job);
    try {
      written.push({ job, partial: spill.all(partials, decoder, plan.aggregations) });
    } finally {
      spill.close();
    }
  }
  return written;
}
