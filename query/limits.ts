/** What one query may use. Reaching one ends the query with ResourceLimitError, never the process. */
export interface QueryLimits {
  /** Groups in memory, per job and merged. */
  readonly maxGroups: number;
  /** Rows of an answer. */
  readonly maxResultRows: number;
  /** Rows of an inner query; the context key of the same name can lower it. */
  readonly maxSubqueryRows: number;
  /** Deadline of queries that name none. */
  readonly timeoutMs: number;
  /** The longest deadline a query may ask for. */
  readonly maxTimeoutMs: number;
}

export const DEFAULT_LIMITS: QueryLimits = {
  maxGroups: 5_000_000,
  maxResultRows: 2_000_000,
  maxSubqueryRows: 100_000,
  timeoutMs: 300_000,
  maxTimeoutMs: 3_600_000,
};
