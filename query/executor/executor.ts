import type { JsonObject } from '../../core/index.js';
import type { Interval, LookupHandle } from '../../model/index.js';
import type { LoadJob, SegmentHandle } from '../../segments/index.js';
import type { GroupBlock } from '../compiler/group-blocks.js';
import type { Layout } from '../compiler/layout.js';
import type { PartitionRange } from '../compiler/merge-plan.js';
import type { PartialResult } from '../engines/engine.js';
import type { Casts } from '../interpreter/cast-segment.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { RowBlock } from '../interpreter/rows-segment.js';
import type { JobLimits, ScanTarget } from '../interpreter/target.js';
import type { SpilledPieces, SpillTarget } from '../spill/spilled.js';

/** Where a job's rows are. COMPLEX values of a row block are bytes (`wire-column.ts`). */
export type JobSource =
  | { readonly kind: 'segment'; readonly handle: SegmentHandle; readonly casts: Casts }
  | { readonly kind: 'rows'; readonly block: RowBlock }
  | { readonly kind: 'lookup'; readonly handle: LookupHandle };

/** One (segment, row range) of a query. Jobs over the same rows share one `source` object. */
export interface ScanJob {
  readonly source: JobSource;
  readonly from: number;
  readonly to: number;
  /** Pairs of first row and the one after the last, ascending and apart: no others are looked at. Absent: all from `from` to `to` are. */
  readonly rows?: Uint32Array;
  /** See `ScanTarget.spans`. */
  readonly spans: readonly Interval[];
  /** About so many of the rows have to be looked at. */
  readonly rowsExpected: number;
}

/** The rows of the right side of a join. */
export interface RightRows {
  readonly source: JobSource;
  /** A byte for each of them, in shared memory, that is set when it comes up in a row of the join; null where nobody asks. */
  readonly seen: Uint8Array | null;
}

/** Jobs of one query: plain data that workers can run alone. */
export interface ScanBatch {
  readonly kind: 'scan';
  /** The query's JSON, with a name for a data source: the rows come with the jobs. Executors know equal ones again. */
  readonly query: JsonObject;
  readonly jobs: readonly ScanJob[];
  /** By join of the query's data source, as they follow each other; absent where there is none. */
  readonly rights?: readonly RightRows[];
  /** Where each bundle of jobs ends: one worker does all jobs of a bundle, and may answer them together. */
  readonly bundles: readonly number[];
  /** Whether neighbouring jobs over one source may be answered together, in any order. */
  readonly mergesJobs: boolean;
  /** See `ScanTarget`. */
  readonly givesBlocks: ScanTarget['givesBlocks'];
  /** Where groups are written to; absent: they stay in memory. */
  readonly spill?: SpillTarget | undefined;
  readonly limits: JobLimits;
  /** Higher goes first. */
  readonly priority: number;
}

/** Blocks of groups to be merged: a job is a range of partitions, its partial the groups that come of it. */
export interface MergeBatch {
  readonly kind: 'merge';
  /** As in the scans that made the blocks. */
  readonly query: JsonObject;
  /** A segment that they are of, or one of those that they are of where codes play no part. */
  readonly source: JobSource;
  readonly layout: Layout;
  /** In the order in which they are to be folded. */
  readonly blocks: readonly GroupBlock[];
  readonly jobs: readonly PartitionRange[];
  readonly use: GroupUse;
  readonly limits: JobLimits;
  readonly priority: number;
}

/**
 * What becomes of merged groups:
 *
 *     answer  they come back; if `isAll`, no other groups come to the answer, and those that cannot be in it may be left out
 *     outer   they are the rows of this query, whose partials come back
 *     blocks  they come back as blocks; jobs are of single partitions
 *     spill   they are written to disk, by their values
 */
export type GroupUse =
  | { readonly kind: 'answer'; readonly isAll: boolean }
  | { readonly kind: 'outer'; readonly query: JsonObject }
  | { readonly kind: 'blocks' }
  | { readonly kind: 'spill'; readonly target: SpillTarget };

/** Groups in memory that are to be written to disk, a job all of one source. */
export interface SpillBatch {
  readonly kind: 'spill';
  readonly query: JsonObject;
  readonly jobs: readonly SpillJob[];
  readonly target: SpillTarget;
  readonly priority: number;
}

export interface SpillJob {
  /** Of codes; null where there are none. */
  readonly source: JobSource | null;
  readonly partials: readonly GroupPartial[];
}

/** Groups on disk that are to be merged: a job is a range of the partitions of their values, its partial what `use` makes of them. */
export interface PieceBatch {
  readonly kind: 'pieces';
  readonly query: JsonObject;
  /** In the order in which they are to be folded. */
  readonly pieces: readonly SpilledPieces[];
  readonly jobs: readonly { readonly from: number; readonly to: number }[];
  readonly use: Extract<GroupUse, { readonly kind: 'answer' | 'outer' }>;
  readonly limits: JobLimits;
  readonly priority: number;
}

export type Batch = ScanBatch | MergeBatch | SpillBatch | PieceBatch;

/** Runs jobs, somewhere. */
export interface Executor {
  /** How many jobs run at once. */
  readonly parallelism: number;
  /**
   * The partial of each job, in their order (of a merge, `rowsScanned` counts the groups merged); null for one that was answered together with an earlier
   * one. Settles only when no job touches its segment any more. When `signal` is raised it fails with
   * the signal's reason.
   */
  run(batch: Batch, signal: AbortSignal): Promise<(PartialResult | null)[]>;
  /** Reads columns of a segment file into memory. */
  load(job: LoadJob): Promise<void>;
  /** Ends the threads; jobs that wait or run fail with UnavailableError. */
  close(): Promise<void>;
}
