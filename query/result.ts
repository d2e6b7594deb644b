import { parseJson, stringifyJson } from '../core/index.js';
import { type Interval, shownLookups, type Value, type ValueType } from '../model/index.js';
import type { FilterSummary, FilterSummaryJson } from './filter/filter-summary.js';
import type { MissingSegment, UncoveredIntervals } from './plan/gaps.js';
import type { StarTreeSummary, StarTreeSummaryJson } from './star/tree-summary.js';

export interface ResultField {
  readonly name: string;
  readonly type: ValueType;
}

/**
 * The rows of an answer. For timeseries, topN, groupBy and search the first field is `__time`: the
 * start of the bucket in milliseconds (LONG), null in a grand total row.
 */
export interface ResultSet {
  readonly fields: readonly ResultField[];
  readonly rows: readonly (readonly Value[])[];
}

/** A run of consecutive rows of a scan that is one element of Druid's response. */
export interface ScanBatch {
  /** Null when rows of several segments are mixed by an order. */
  readonly segmentId: string | null;
  readonly rowCount: number;
}

/** What a query does just now. */
export type QueryPhase = 'plan' | 'scan' | 'merge';

/** What answering took. Fills up while the query runs. */
export interface QueryStats {
  phase: QueryPhase;
  /** Rows that the scans looked at (inside the intervals, before the filter). */
  rowsScanned: number;
  /** Segments that were read, after pruning. */
  segments: number;
  /** Segments that the query's intervals and filter ruled out unread. */
  segmentsPruned: number;
  /** Segments, among those that were read, of which a star-tree was read instead of rows, and how many records of it. */
  treeSegments: number;
  treeRecords: number;
  /** Rows of these segments. */
  treeRows: number;
  /** Segments that would have been read if their partials were not in the cache. */
  cachedSegments: number;
  /** The whole answer was in the cache, or on its way for somebody else. */
  isCachedResult: boolean;
  /** Segments, among those that were read, of which indexes leave few rows, and about how many rows these are. */
  indexedSegments: number;
  indexedRows: number;
  /** Bytes of columns and indexes that were read from files for this query, as far as segments tell. */
  loadedBytes: number;
  jobs: number;
  /** Jobs that compiled kernels did, and those that could have been but were interpreted. */
  compiledJobs: number;
  interpretedJobs: number;
  /** What was written to disk of groups that memory did not hold, and to how many files. */
  spilledBytes: number;
  spilledFiles: number;
  scanMs: number;
  mergeMs: number;
  /** All the rest of the time. */
  planMs: number;
  /** How the rows of the filter were found, where the context's `explainFilter` asks for it. */
  filter: FilterSummary | null;
  /** Which star-trees were read, where the context's `explainStarTree` asks for it. */
  starTrees: StarTreeSummary | null;
  /** What is missing of the answer, where the context's `returnPartialResults` allows it. */
  missing: readonly MissingSegment[];
  /** Where the context's `uncoveredIntervalsLimit` asks for it. */
  uncovered: UncoveredIntervals | null;
}

/** A native query's answer: its rows, and what only the native response shows. */
export interface NativeRows extends ResultSet {
  /** topN and search: the start of each bucket, also of those without rows, in response order. */
  readonly buckets?: readonly number[];
  /** scan: how `rows` falls into the elements of the response. */
  readonly batches?: readonly ScanBatch[];
  /** Where the context asks for them `bySegment`: the answers of segments, and no rows. */
  readonly segments?: readonly SegmentRows[];
}

/** The answer of one segment, before it is merged with others. */
export interface SegmentRows extends NativeRows {
  readonly segmentId: string;
  /** Where the query can see rows of it. */
  readonly interval: Interval;
}

export interface QueryResult extends NativeRows {
  readonly stats: QueryStats;
}

export const emptyStats = (): QueryStats => ({
  phase: 'plan',
  rowsScanned: 0,
  segments: 0,
  segmentsPruned: 0,
  treeSegments: 0,
  treeRecords: 0,
  treeRows: 0,
  cachedSegments: 0,
  isCachedResult: false,
  indexedSegments: 0,
  indexedRows: 0,
  loadedBytes: 0,
  jobs: 0,
  compiledJobs: 0,
  interpretedJobs: 0,
  spilledBytes: 0,
  spilledFiles: 0,
  scanMs: 0,
  mergeMs: 0,
  planMs: 0,
  filter: null,
  starTrees: null,
  missing: [],
  uncovered: null,
});

/** What native queries that were asked to tell say of how they were answered, by topic; a topic of which none tells is absent. */
export interface Explanations {
  readonly filters?: readonly FilterSummaryJson[];
  readonly starTrees?: readonly StarTreeSummaryJson[];
}

export function explanationsOf(stats: readonly QueryStats[]): Explanations {
  const filters = stats.flatMap(({ filter, segmentsPruned }) => filter?.json(segmentsPruned) ?? []);
  const starTrees = stats.flatMap(
    ({ starTrees, segmentsPruned }) => starTrees?.json(segmentsPruned) ?? [],
  );
  return asWritten({
    ...(filters.length > 0 && { filters }),
    ...(starTrees.length > 0 && { starTrees }),
  });
}

/** With the names of lookups as users know them. */
function asWritten(explained: Explanations): Explanations {
  const text = stringifyJson(explained);
  const shown = shownLookups(text);
  return shown === text ? explained : (parseJson(shown) as Explanations);
}
