import type { DimensionSchema } from '../schema.js';
import { ColumnRoom } from '../seal/column-room.js';
import type { SealInput } from '../seal/input.js';
import { picksOf } from '../seal/picks.js';
import { rankedVector } from '../seal/ranks.js';
import type { MergedRows } from '../seal/sorted-rows.js';
import type { StringRanks } from '../seal/string-columns.js';
import type { ShardBucket } from '../timeline/shard-spec.js';
import { hashRows, hashWholeRows } from './hash-rows.js';
import { type PartitionColumn, partitionColumn } from './partition-column.js';
import { type Buckets, bucketCount, type Partitioning, shardBucketOf } from './partitioning.js';
import { boundariesOf, rangeRows } from './range-rows.js';
import { splitRows } from './split-rows.js';

/** The rows that are partitioned. */
export interface PartitionInput {
  readonly inputs: readonly SealInput[];
  readonly dimensions: readonly DimensionSchema[];
  /** By row, counted through all inputs. */
  readonly times: Float64Array;
  /** Of any dimension, as text. */
  readonly ranksOf: (name: string) => StringRanks;
}

/** Some rows of a chunk, in order. */
export interface BucketRows {
  readonly bucket: ShardBucket;
  readonly merged: MergedRows;
}

/** The output rows of one chunk by bucket, in the order of buckets; those without rows are left out. */
export function chunkBuckets(
  input: PartitionInput,
  merged: MergedRows,
  partitioning: Partitioning,
): BucketRows[] {
  const { dimensions } = input;
  const { rowCount, entries, starts } = merged;
  const firsts =
    starts === null ? entries : starts.subarray(0, rowCount).map((start) => entries[start]!);
  const isWhole = partitioning.dimensions.length === 0;
  const names = isWhole ? dimensions.map(({ name }) => name) : partitioning.dimensions;
  const columns = columnsOf(input, firsts, names);
  const buckets = decide(partitioning, columns, rowCount);
  const numbers =
    buckets.type !== 'hashed'
      ? rangeRows(columns, rowCount, buckets.boundaries)
      : isWhole
        ? hashWholeRows(
            Float64Array.from(firsts, (row) => input.times[row]!),
            columns,
            buckets.numShards,
          )
        : hashRows(columns, rowCount, buckets.numShards);
  return splitRows(merged, numbers, bucketCount(buckets)).flatMap((rows, i) =>
    rows.rowCount === 0 ? [] : [{ bucket: shardBucketOf(buckets, i), merged: rows }],
  );
}

function columnsOf(
  { inputs, ranksOf }: PartitionInput,
  rows: Uint32Array,
  names: readonly string[],
): PartitionColumn[] {
  const picks = picksOf(rows, inputs);
  return names.map((name) =>
    partitionColumn(name, rankedVector(ranksOf(name), picks, rows.length, new ColumnRoom())),
  );
}

function decide(
  partitioning: Partitioning,
  columns: readonly PartitionColumn[],
  rowCount: number,
): Buckets {
  if (partitioning.type === 'hashed') {
    const { numShards, targetRows } = partitioning;
    return { ...partitioning, numShards: numShards ?? Math.ceil(rowCount / targetRows) };
  }
  const { boundaries } = partitioning;
  return {
    ...partitioning,
    boundaries: boundaries ?? boundariesOf(columns, rowCount, partitioning),
  };
}
