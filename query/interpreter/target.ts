import type { Interval } from '../../model/index.js';
import type { Segment } from '../../segments/index.js';
import type { BlockSink } from '../compiler/group-blocks.js';
import type { SharedGroups } from './shared-groups.js';

/** How far one job may go before it fails with ResourceLimitError. */
export interface JobLimits {
  readonly maxGroups: number;
  /** Rows that a scan may collect. */
  readonly maxRows: number;
}

export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** The right side of a join, open. */
export interface OpenRight {
  readonly segment: Segment;
  /** See `RightRows.seen`. */
  readonly seen: Uint8Array | null;
}

/** The rows that one scan looks at: those of a segment in its ranges whose time lies in a span. */
export interface ScanTarget {
  readonly segment: Segment;
  /** Ascending, inside `extent`. To be walked once: asking for the next one takes it from other workers. */
  readonly ranges: () => Iterable<RowRange>;
  readonly extent: RowRange;
  /**
   * The query's intervals, in their order, each cut to the part of the segment that counts. A span
   * that is left with nothing ends where it starts.
   */
  readonly spans: readonly Interval[];
  readonly limits: JobLimits;
  /** The thread's part of the room beside segments; null when it may not write there. */
  readonly scratchSlot: ScratchSlot | null;
  /**
   * Whether groups may be given as blocks (`compiler/group-blocks.ts`), to be merged elsewhere: not at all, where
   * keys mean the same in every segment, or in any case, since there is but one segment.
   */
  readonly givesBlocks: 'never' | 'without codes' | 'always';
  /** Where blocks go; absent: into memory that all threads share. */
  readonly keepBlock?: BlockSink;
  /** Throws when the query was cancelled or is past its deadline. Called every `ROWS_PER_CHECK` rows. */
  readonly checkCancelled: () => void;
  /** By join of the query's data source; absent where there is none. */
  readonly rights?: readonly OpenRight[];
  /** Where groups of few rows go, of several segments together; absent where each scan answers for itself. */
  readonly shared?: SharedGroups;
}

/** Which part of the room beside segments, of so many, a thread may use. */
export interface ScratchSlot {
  readonly index: number;
  readonly count: number;
}

export const ROWS_PER_CHECK = 1024;

/** The same where something is computed of each row, which may take long. */
export const VISITS_PER_CHECK = 128;
