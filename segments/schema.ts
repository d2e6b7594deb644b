import type { IndexChoice } from '../indexes/index.js';
import {
  type Aggregator,
  type ArrayType,
  type AutoType,
  autoColumnType,
  type Granularity,
  type Interval,
  type JSON_TYPE,
  type ScalarType,
} from '../model/index.js';

/** What to do with the elements of a multi-value cell when it is stored. Druid's `multiValueHandling`. */
export type MultiValueHandling = 'SORTED_ARRAY' | 'SORTED_SET' | 'ARRAY';

/** What dimensions are stored as. */
export type DimensionType = ScalarType | ArrayType | typeof JSON_TYPE;

export interface DimensionSchema {
  readonly name: string;
  /** Of an `auto` dimension: what rows are stored as until others come that do not fit. */
  readonly type: DimensionType;
  /** Of an `auto` dimension, and absent of others: what its values were so far. A sealed segment has the type of its own rows. */
  readonly auto?: AutoType;
  readonly multiValueHandling: MultiValueHandling;
  /** Which indexes it shall have; the usual ones when absent. */
  readonly indexes?: IndexChoice;
}

/** An `auto` dimension whose values so far were these. */
export const autoDimension = (name: string, auto: AutoType = 'NOTHING'): DimensionSchema => ({
  name,
  type: autoColumnType(auto),
  multiValueHandling: 'SORTED_ARRAY',
  auto,
});

/** Times that belong to one time chunk: a chunk that others hide in the middle has several spans. */
export interface ChunkSpan extends Interval {
  readonly chunk: Interval;
}

/** What a star-tree shall be of. What is not said is derived from the rows of each file. */
export interface TreeDefinition {
  /** In split order. */
  readonly dimensions?: readonly TreeDimensionDefinition[];
  /** Each is a column of the tree by its name. */
  readonly metrics?: readonly Aggregator[];
  readonly maxLeafRecords: number;
  /**
   * What the tree may take at most, as a share of the bytes of the rows' columns and indexes: it goes without dimensions
   * until it does, or is left out. When absent, a tree is as large as it is, as long as it has fewer records than there are rows.
   */
  readonly maxShare?: number;
}

export interface TreeDimensionDefinition {
  readonly name: string;
  /** Queries always filter or group by it: nodes need no star child. */
  readonly skipStar: boolean;
  /** Of `__time`, what it is truncated by. */
  readonly granularity?: Granularity;
}

/** What rows become when they are stored: the columns, in order, and how equal rows meet. */
export interface SegmentSchema {
  readonly dataSource: string;
  /** In sort order: rows of a sealed segment are ordered by `__time`, then by these. */
  readonly dimensions: readonly DimensionSchema[];
  readonly metrics: readonly Aggregator[];
  /** Whether rows with equal truncated time and dimensions are combined. */
  readonly rollup: boolean;
  readonly queryGranularity: Granularity;
  /** Trees that a file shall have, as far as they are worth it; absent where nothing was said of them. */
  readonly starTrees?: readonly TreeDefinition[] | undefined;
  /** The span of a time: truncation never goes before its start. Without, all times are of one chunk. */
  readonly chunkOf?: (timeMs: number) => ChunkSpan;
}

/** Times that rows may have. */
const ALWAYS: Interval = {
  startMs: Number.MIN_SAFE_INTEGER,
  endMs: Number.MAX_SAFE_INTEGER + 1,
};

/**
 * Compiles the truncation of `__time` by the schema's query granularity, to the first time that a row may have where a
 * bucket and its chunk begin before it, as with `all`. Consecutive rows tend to
 * fall into one bucket, so the last bucket is remembered and calendars are rarely asked.
 */
export function timeTruncation(schema: SegmentSchema): (timeMs: number) => number {
  const { queryGranularity, chunkOf = () => ALWAYS } = schema;
  if (queryGranularity.kind === 'none') return (timeMs) => timeMs;
  let start = 0;
  let end = 0;
  return (timeMs) => {
    if (timeMs < start || timeMs >= end) {
      const bucketStart = queryGranularity.bucketStart(timeMs);
      const span = chunkOf(timeMs);
      start = Math.max(bucketStart, span.startMs, ALWAYS.startMs);
      end = Math.min(queryGranularity.nextBucket(bucketStart), span.endMs);
    }
    return start;
  };
}
