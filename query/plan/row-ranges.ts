import type { RowRange } from '../interpreter/target.js';

/**
 * Rows of one job. Fixed, and not a share of the workers, so that one layout of segments gives the
 * same partials, and so the same sums of doubles, on every machine.
 */
export const ROWS_PER_JOB = 200_000;

/** Cuts [from, to) into ranges of about equal length, none above `rowsPerJob`. */
export function rowRanges({ from, to }: RowRange, rowsPerJob: number): RowRange[] {
  const rowCount = to - from;
  const count = Math.ceil(rowCount / rowsPerJob);
  const length = Math.ceil(rowCount / Math.max(1, count));
  return Array.from({ length: count }, (_, i) => ({
    from: from + i * length,
    to: Math.min(to, from + (i + 1) * length),
  }));
}
