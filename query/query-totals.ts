import { type ErrorFamily, VarveError } from '../core/index.js';
import type { QueryType } from './native/query.js';
import type { QueryStats } from './result.js';

/** How a query ended: with its answer, or with an error of a family. */
export type QueryOutcome = 'success' | ErrorFamily;

export const outcomeOfError = (thrown: unknown): QueryOutcome =>
  thrown instanceof VarveError ? thrown.family : 'internal';

export interface QueryCount {
  readonly type: QueryType;
  readonly outcome: QueryOutcome;
  readonly count: number;
}

/** What the queries of an engine came to, since its start. Those that SQL becomes are among them. */
export class QueryTotals {
  rowsScanned = 0;
  /** Segments of which star-trees were read instead of rows, and the records of these. */
  treeSegments = 0;
  treeRecords = 0;
  /** Jobs that compiled kernels did, and those that fell to the interpreter. */
  compiledJobs = 0;
  interpretedJobs = 0;
  /** What was written to disk of groups that memory did not hold. */
  spilledBytes = 0;
  spilledFiles = 0;
  /** Those with segments missing, as they were asked to be. */
  partialAnswers = 0;
  readonly #queries = new Map<string, QueryCount>();

  /** By type and outcome, of those that came up. */
  get queries(): readonly QueryCount[] {
    return [...this.#queries.values()];
  }

  add(type: QueryType, outcome: QueryOutcome, stats: QueryStats): void {
    const key = `${type} ${outcome}`;
    const count = (this.#queries.get(key)?.count ?? 0) + 1;
    this.#queries.set(key, { type, outcome, count });
    this.rowsScanned += stats.rowsScanned;
    this.treeSegments += stats.treeSegments;
    this.treeRecords += stats.treeRecords;
    this.compiledJobs += stats.compiledJobs;
    this.interpretedJobs += stats.interpretedJobs;
    this.spilledBytes += stats.spilledBytes;
    this.spilledFiles += stats.spilledFiles;
    if (stats.missing.length > 0) this.partialAnswers++;
  }
}
