import { InternalError } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import { attachSegment, type Segment } from '../../segments/index.js';
import type { PartialResult } from '../engines/engine.js';
import { scanEngineOf } from '../engines/registry.js';
import { decodeBlock, type RowBlock, rowsSegment } from '../interpreter/rows-segment.js';
import type { JobLimits, RowRange, ScanTarget, ScratchSlot } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import type { JobSource } from './executor.js';

/** Opens a job's rows for reading. */
export function openSource(source: JobSource): Segment {
  return source.kind === 'segment' ? attachSegment(source.handle) : openBlock(source.block);
}

const openBlock = (block: RowBlock): Segment => rowsSegment(decodeBlock(block));

/** A job whose source is open. */
export interface OpenJob extends RowRange {
  readonly segment: Segment;
  readonly spans: readonly Interval[];
}

/** What all jobs of a batch have in common. */
export interface BatchFacts {
  readonly query: NativeQuery;
  readonly mergesJobs: boolean;
  readonly givesBlocks: ScanTarget['givesBlocks'];
  readonly limits: JobLimits;
  readonly scratchSlot: ScratchSlot | null;
  readonly checkCancelled: () => void;
}

export interface NumberedPartial {
  readonly job: number;
  readonly partial: PartialResult;
}

/**
 * Runs jobs until `claim` gives no more; it gives the positions of jobs, ascending, each once. Where jobs
 * may be merged, those over one segment go into one partial, which has the number of the first.
 */
export function runJobs(
  jobs: readonly OpenJob[],
  claim: () => number | null,
  facts: BatchFacts,
): NumberedPartial[] {
  const engine = scanEngineOf(facts.query);
  if (engine === undefined) throw new InternalError(`${facts.query.queryType} has no scan`);
  const partials: NumberedPartial[] = [];
  let next = claim();
  while (next !== null) {
    const first = next;
    let isTaken = true;
    const ranges = function* (): Generator<RowRange> {
      do {
        isTaken = true;
        yield jobs[next!]!;
        next = claim();
        isTaken = false;
      } while (facts.mergesJobs && next !== null && isTogether(jobs[first]!, jobs[next]!));
    };
    facts.checkCancelled();
    const target = targetOf(jobs, first, ranges, facts);
    partials.push({ job: first, partial: engine.scan(facts.query, target) });
    // An engine that has enough stops asking for more.
    if (isTaken) next = claim();
  }
  return partials;
}

/** The same segment may be visible in two places, with other spans. */
const isTogether = (a: OpenJob, b: OpenJob): boolean =>
  a.segment === b.segment && a.spans === b.spans;

function targetOf(
  jobs: readonly OpenJob[],
  first: number,
  ranges: () => Iterable<RowRange>,
  { mergesJobs, givesBlocks, limits, scratchSlot, checkCancelled }: BatchFacts,
): ScanTarget {
  const job = jobs[first]!;
  const { segment, spans, from, to } = job;
  // The same for all jobs of a segment that are merged, so that their groups look alike.
  const extent = mergesJobs ? { from: 0, to: segment.rowCount } : { from, to };
  return { segment, spans, limits, scratchSlot, givesBlocks, checkCancelled, extent, ranges };
}
