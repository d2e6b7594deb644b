/** A value of a partition dimension; null sorts before all texts, texts in UTF-8 byte order. */
export type PartitionValue = string | null;

/**
 * The rows of a segment among those of its chunk, as Druid's JSON says it but for the place among its siblings.
 *
 *   hashed     rows whose partition dimensions hash to `bucketId` (Druid's `murmur3_32_abs`); no dimensions: all of them, and
 *              the time, hashed
 *   single     values of one dimension in [start, end), null: no bound on that side
 *   range      tuples of the dimensions' values in [start, end), compared element by element; null: no bound
 *   tombstone  no rows: the segment has no file, and hides what older versions have
 */
export type ShardBucket =
  | {
      readonly type: 'hashed';
      readonly bucketId: number;
      readonly numBuckets: number;
      readonly partitionDimensions: readonly string[];
      readonly partitionFunction: 'murmur3_32_abs';
    }
  | {
      readonly type: 'single';
      readonly dimension: string;
      readonly start: string | null;
      readonly end: string | null;
    }
  | {
      readonly type: 'range';
      readonly dimensions: readonly string[];
      readonly start: readonly PartitionValue[] | null;
      readonly end: readonly PartitionValue[] | null;
    }
  | { readonly type: 'tombstone' };

/** How many segments a chunk needs to be complete: Druid has two names for it. */
interface Partitions {
  readonly partitionNum: number;
  readonly partitions: number;
}

interface CorePartitions {
  readonly partitionNum: number;
  readonly numCorePartitions: number;
}

type Bucket<Type extends ShardBucket['type']> = Extract<ShardBucket, { readonly type: Type }>;

/** How a segment of a chunk relates to its siblings: Druid's JSON, as it is stored and shown. */
export type ShardSpec =
  | ({ readonly type: 'numbered' } & Partitions)
  | (Bucket<'hashed' | 'tombstone'> & Partitions)
  | (Bucket<'single' | 'range'> & CorePartitions);

/**
 * The size of the core set, of partitions 0 … n-1: a chunk is visible once they are all there. 0 when the chunk was made
 * by appending: its segments show one by one.
 */
export const coreCount = (spec: ShardSpec): number =>
  'partitions' in spec ? spec.partitions : spec.numCorePartitions;

/** The shard spec of a bucket, or of rows that are told by number only, in its place. */
export function shardSpecOf(
  bucket: ShardBucket | undefined,
  partitionNum: number,
  cores: number,
): ShardSpec {
  if (bucket === undefined) return { type: 'numbered', partitionNum, partitions: cores };
  return bucket.type === 'single' || bucket.type === 'range'
    ? { ...bucket, partitionNum, numCorePartitions: cores }
    : { ...bucket, partitionNum, partitions: cores };
}
