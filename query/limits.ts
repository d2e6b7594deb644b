/** What one query may use. Reaching one ends the query with ResourceLimitError, never the process. */
export interface QueryLimits {
  /** Groups in a table of one thread: those of a job, and those that are left when workers have merged theirs. */
  readonly maxGroups: number;
  /** Rows of an answer. */
  readonly maxResultRows: number;
  /** Rows of an inner query; the context key of the same name can lower it. */
  readonly maxSubqueryRows: number;
  /** What a query holds in memory: results of its scans, groups, rows; the context key of the same name can lower it. */
  readonly maxQueryBytes: number;
  /** What all queries hold together. */
  readonly memoryBytes: number;
  /** What queries write to disk of groups that memory does not hold; the context's `maxOnDiskStorage` can lower it. 0: nothing. */
  readonly maxSpillBytes: number;
  /** Deadline of queries that name none. */
  readonly timeoutMs: number;
  /** The longest deadline a query may ask for. */
  readonly maxTimeoutMs: number;
}

export const DEFAULT_LIMITS: QueryLimits = {
  maxGroups: 5_000_000,
  maxResultRows: 2_000_000,
  maxSubqueryRows: 100_000,
  maxQueryBytes: 2 ** 30,
  memoryBytes: 2 * 2 ** 30,
  maxSpillBytes: 4 * 2 ** 30,
  timeoutMs: 300_000,
  maxTimeoutMs: 3_600_000,
};
