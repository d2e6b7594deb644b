import type { JsonObject } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import type { LoadJob, SegmentHandle } from '../../segments/index.js';
import type { PartialResult } from '../engines/engine.js';
import type { RowBlock } from '../interpreter/rows-segment.js';
import type { JobLimits } from '../interpreter/target.js';

/** Where a job's rows are. COMPLEX values of a row block are bytes (`wire-column.ts`). */
export type JobSource =
  | { readonly kind: 'segment'; readonly handle: SegmentHandle }
  | { readonly kind: 'rows'; readonly block: RowBlock };

/**
 * One (segment, row range) of one query: plain data that a worker can run alone. Jobs of one query
 * share one `query` object, and jobs over the same rows one `block`: executors know them by identity
 * and send each once.
 */
export interface ScanJob {
  /** The query's JSON, with a name for a data source: the rows come with the job. */
  readonly query: JsonObject;
  readonly source: JobSource;
  readonly from: number;
  readonly to: number;
  /** See `ScanTarget.spans`. */
  readonly spans: readonly Interval[];
  readonly limits: JobLimits;
  /** Higher goes first among waiting jobs. */
  readonly priority: number;
}

/** Runs jobs, somewhere. */
export interface Executor {
  /** How many jobs run at once. */
  readonly parallelism: number;
  /**
   * Settles only when the job no longer touches its segment. When `signal` is raised it fails with
   * the signal's reason.
   */
  run(job: ScanJob, signal: AbortSignal): Promise<PartialResult>;
  /** Reads columns of a segment file into memory. */
  load(job: LoadJob): Promise<void>;
  /** Ends the threads; jobs that wait or run fail with UnavailableError. */
  close(): Promise<void>;
}
