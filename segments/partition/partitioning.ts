import { invariant } from '../../core/index.js';
import type { PartitionValue, ShardBucket } from '../timeline/shard-spec.js';

/** How the rows of a time chunk are cut into segments, so that a query need not look at all of them. */
export type Partitioning = HashedPartitioning | RangePartitioning;

/** Rows with the same values of the dimensions go into the same bucket, by their hash. */
export interface HashedPartitioning {
  readonly type: 'hashed';
  /** None: by all dimensions and the time. */
  readonly dimensions: readonly string[];
  /** How many buckets; null: as many as it takes for about `targetRows` in each. */
  readonly numShards: number | null;
  readonly targetRows: number;
}

/** Rows are cut by the order of the dimensions' values as texts, nulls first; `single` is Druid's form for one dimension. */
export interface RangePartitioning {
  readonly type: 'range' | 'single';
  readonly dimensions: readonly string[];
  /** Where buckets but the first begin: tuples, ascending; null: told from the rows. */
  readonly boundaries: readonly (readonly PartitionValue[])[] | null;
  /** About so many rows in each bucket. */
  readonly targetRows: number;
  /** No bucket has more, unless that many rows are alike. */
  readonly maxRows: number;
}

/** A partitioning of which it is known what its buckets are. */
export type Buckets =
  | (HashedPartitioning & { readonly numShards: number })
  | (RangePartitioning & { readonly boundaries: readonly (readonly PartitionValue[])[] });

/** What the shard specs of all buckets say, in order. */
export const shardBuckets = (buckets: Buckets): ShardBucket[] =>
  Array.from({ length: bucketCount(buckets) }, (_, i) => shardBucketOf(buckets, i));

export const bucketCount = (buckets: Buckets): number =>
  buckets.type === 'hashed' ? buckets.numShards : buckets.boundaries.length + 1;

/** What the shard spec of bucket `i` says. */
export function shardBucketOf(buckets: Buckets, i: number): ShardBucket {
  if (buckets.type === 'hashed') {
    return {
      type: 'hashed',
      bucketId: i,
      numBuckets: buckets.numShards,
      partitionDimensions: buckets.dimensions,
      partitionFunction: 'murmur3_32_abs',
    };
  }
  const { dimensions, boundaries } = buckets;
  const start = boundaries[i - 1] ?? null;
  const end = boundaries[i] ?? null;
  if (buckets.type === 'range') return { type: 'range', dimensions, start, end };
  const [dimension] = dimensions;
  invariant(dimension !== undefined && dimensions.length === 1, 'single has one dimension');
  return { type: 'single', dimension, start: start?.[0] ?? null, end: end?.[0] ?? null };
}
