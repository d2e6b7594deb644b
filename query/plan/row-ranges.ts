/**
 * Rows of one job. Fixed, and not a share of the workers, so that one layout of segments gives the
 * same partials, and so the same sums of doubles, on every machine.
 */
export const ROWS_PER_JOB = 200_000;

export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** Cuts [0, rowCount) into ranges of about equal length, none above `rowsPerJob`. */
export function rowRanges(rowCount: number, rowsPerJob: number): RowRange[] {
  const count = Math.ceil(rowCount / rowsPerJob);
  const length = Math.ceil(rowCount / Math.max(1, count));
  return Array.from({ length: count }, (_, i) => ({
    from: i * length,
    to: Math.min(rowCount, (i + 1) * length),
  }));
}
