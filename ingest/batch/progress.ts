/** What became of the rows that were read; each row is in exactly one of the first four. */
export interface RowStats {
  readonly processed: number;
  /** Stored, but a value that did not fit its column's type became null. */
  readonly processedWithError: number;
  /** Filtered out, or outside the intervals. */
  readonly thrownAway: number;
  /** Lost: broken syntax or no time. */
  readonly unparseable: number;
  readonly processedBytes: number;
}

export const NO_ROWS: RowStats = {
  processed: 0,
  processedWithError: 0,
  thrownAway: 0,
  unparseable: 0,
  processedBytes: 0,
};

/** A row that could not be used as it came, kept for the report. */
export interface ParseException {
  readonly timeMs: number;
  /** `UNPARSEABLE`: the row is lost; `PARTIALLY_PARSEABLE`: a value became null. */
  readonly errorType: 'UNPARSEABLE' | 'PARTIALLY_PARSEABLE';
  readonly input: string;
  readonly details: readonly string[];
}

/** How far a task has come. */
export interface Progress {
  readonly phase: 'BUILD_SEGMENTS' | 'MERGE' | 'PUBLISH';
  readonly stats: RowStats;
  /** The most recent ones, as many as `maxSavedParseExceptions`; oldest first. */
  readonly parseExceptions: readonly ParseException[];
  /** Rows read per second since the task began. */
  readonly rowsPerSecond: number;
}
