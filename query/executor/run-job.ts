import { type Disk, InternalError } from '../../core/index.js';
import { type Interval, lookupOf } from '../../model/index.js';
import { attachSegment, type Segment } from '../../segments/index.js';
import { segmentDecoder } from '../compiler/decoder.js';
import { rangesWithin } from '../compiler/planned-rows.js';
import type { PartialResult, ScanEngine } from '../engines/engine.js';
import { scanEngineOf } from '../engines/registry.js';
import { scanTarget } from '../expansion/scan-expanded.js';
import { leafQuery } from '../expansion/sources.js';
import { type FilterReport, filterReport } from '../filter/filter-report.js';
import { castSegment } from '../interpreter/cast-segment.js';
import { lookupSegment } from '../interpreter/lookup-segment.js';
import { decodeBlock, type RowBlock, rowsSegment } from '../interpreter/rows-segment.js';
import { SharedGroups } from '../interpreter/shared-groups.js';
import type {
  JobLimits,
  OpenRight,
  RowRange,
  ScanTarget,
  ScratchSlot,
} from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import { JobSpill } from '../spill/job-spill.js';
import type { SpillTarget } from '../spill/spilled.js';
import type { JobSource } from './executor.js';

/** Opens a job's rows for reading. */
export function openSource(source: JobSource): Segment {
  switch (source.kind) {
    case 'segment':
      return castSegment(attachSegment(source.handle), source.casts);
    case 'rows':
      return openBlock(source.block);
    case 'lookup':
      return lookupSegment(lookupOf(source.handle));
  }
}

const openBlock = (block: RowBlock): Segment => rowsSegment(decodeBlock(block));

/** A job whose source is open. */
export interface OpenJob extends RowRange {
  readonly segment: Segment;
  readonly spans: readonly Interval[];
  /** See `ScanJob.rows`. */
  readonly rows?: Uint32Array | undefined;
}

/** What all jobs of a batch have in common. */
export interface BatchFacts {
  readonly query: NativeQuery;
  readonly mergesJobs: boolean;
  readonly givesBlocks: ScanTarget['givesBlocks'];
  readonly rights: readonly OpenRight[];
  /** Where groups are written to; absent: they stay in memory. */
  readonly spill?: { readonly target: SpillTarget; readonly disk: Disk } | undefined;
  readonly limits: JobLimits;
  readonly scratchSlot: ScratchSlot | null;
  readonly checkCancelled: () => void;
}

export interface NumberedPartial {
  readonly job: number;
  readonly partial: PartialResult;
}

/**
 * Runs jobs until `claim` gives no more bundles; it gives their positions, ascending, each once. Where jobs may be merged, those over one
 * segment go into one partial, and so do those of a bundle whose groups are of few rows: it has the number of the first.
 */
export function runJobs(
  jobs: readonly OpenJob[],
  bundles: readonly number[],
  claim: () => number | null,
  facts: BatchFacts,
): NumberedPartial[] {
  const engine = scanEngineOf(facts.query);
  if (engine === undefined) throw new InternalError(`${facts.query.queryType} has no scan`);
  const partials: NumberedPartial[] = [];
  const claims = new JobClaims(bundles, claim);
  const shared = new SharedGroups();
  let firstShared = -1;
  const reports: FilterReport[] = [];
  const report = (job: number): void => {
    const { query } = facts;
    if (!('virtualColumns' in query) || !query.context.explainFilter) return;
    const target = targetOf(jobs, job, () => [], facts, null);
    reports.push(filterReport(job, jobs[job]!, target, leafQuery(query)));
  };
  const takeShared = (): void => {
    const partial = shared.take();
    if (partial !== null) partials.push({ job: firstShared, partial });
    firstShared = -1;
  };
  const most = !facts.mergesJobs ? 1 : facts.spill === undefined ? Infinity : JOBS_PER_FILE;
  let next = claims.next();
  while (next !== null) {
    const first = next;
    let isTaken = true;
    let taken = 0;
    const ranges = function* (): Generator<RowRange> {
      do {
        isTaken = true;
        report(next!);
        yield* rangesOf(jobs[next!]!);
        next = claims.next();
        isTaken = false;
      } while (++taken < most && next !== null && isTogether(jobs[first]!, jobs[next]!));
    };
    facts.checkCancelled();
    const target = targetOf(jobs, first, ranges, facts, claims.isAlone ? null : shared);
    const partial = scanned(engine, target, first, facts);
    if (partial !== null) partials.push({ job: first, partial });
    else if (firstShared < 0) firstShared = first;
    // An engine that has enough stops asking for more.
    if (isTaken) next = claims.next();
    if (claims.isFirst) takeShared();
  }
  takeShared();
  const [first] = partials;
  if (reports.length === 0 || first === undefined) return partials;
  const told = { ...first.partial, filterReports: reports };
  return [{ ...first, partial: told }, ...partials.slice(1)];
}

/** Groups of more jobs than this are not held together where they are to go to disk. */
const JOBS_PER_FILE = 8;

/** What a job makes, in memory or on disk. */
function scanned(
  engine: ScanEngine,
  target: ScanTarget,
  job: number,
  { query, spill }: BatchFacts,
): PartialResult | null {
  const plan = spill === undefined ? null : engine.groups(query);
  if (spill === undefined || plan === null || !('virtualColumns' in query)) {
    return scanTarget(engine, query, target);
  }
  const file = new JobSpill(spill.disk, spill.target, job);
  try {
    const partial = scanTarget(engine, query, { ...target, keepBlock: file.keepBlock });
    if (partial?.kind !== 'groups') return partial;
    const decoder = segmentDecoder(query, plan, () => target.segment);
    return file.groups(partial, decoder, plan.aggregations);
  } finally {
    file.close();
  }
}

/** Jobs one by one out of bundles that are claimed as wholes. */
class JobClaims {
  #from = 0;
  #at = 0;
  #end = 0;

  constructor(
    private readonly bundles: readonly number[],
    private readonly claim: () => number | null,
  ) {}

  /** The bundle of the last job has no other. */
  get isAlone(): boolean {
    return this.#end - this.#from === 1;
  }

  /** The last job is the first one of its bundle. */
  get isFirst(): boolean {
    return this.#at === this.#from + 1;
  }

  next(): number | null {
    if (this.#at === this.#end) {
      const bundle = this.claim();
      if (bundle === null) return null;
      this.#from = bundle === 0 ? 0 : this.bundles[bundle - 1]!;
      this.#at = this.#from;
      this.#end = this.bundles[bundle]!;
    }
    return this.#at++;
  }
}

const rangesOf = (job: OpenJob): Iterable<RowRange> =>
  job.rows === undefined ? [job] : rangesWithin(job.rows, job);

/** The same segment may be visible in two places, with other spans. */
const isTogether = (a: OpenJob, b: OpenJob): boolean =>
  a.segment === b.segment && a.spans === b.spans;

function targetOf(
  jobs: readonly OpenJob[],
  first: number,
  ranges: () => Iterable<RowRange>,
  { mergesJobs, givesBlocks, rights, limits, scratchSlot, checkCancelled }: BatchFacts,
  shared: SharedGroups | null,
): ScanTarget {
  const job = jobs[first]!;
  const { segment, spans, from, to } = job;
  // The same for all jobs of a segment that are merged, so that their groups look alike.
  const extent = mergesJobs ? { from: 0, to: segment.rowCount } : { from, to };
  const own = { segment, spans, extent, ranges, ...(shared && { shared }) };
  return { ...own, rights, limits, scratchSlot, givesBlocks, checkCancelled };
}
