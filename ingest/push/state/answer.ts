import type { RowCounts, RowError } from '../types.js';

/** What the fold of a batch says to its sender. */
export interface BatchAnswer extends RowCounts {
  /** Where its command ends in the log. */
  readonly position: number;
  /** The first of the rows that were not stored and are to be told of. */
  readonly errors: readonly RowError[];
}

/** Of an answer. */
export const MAX_ERRORS = 100;

/** Counts of rows that begin at nothing. */
export const NO_ROWS: RowCounts = { received: 0, stored: 0, late: 0, rejected: 0, deduplicated: 0 };

export const addCounts = (a: RowCounts, b: RowCounts): RowCounts => ({
  received: a.received + b.received,
  stored: a.stored + b.stored,
  late: a.late + b.late,
  rejected: a.rejected + b.rejected,
  deduplicated: a.deduplicated + b.deduplicated,
});
