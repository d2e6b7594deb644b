/**
 * segments: how rows become columns, blocks and bytes, and how they are read back.
 *
 * `Segment` (types.ts) is the one way to read. A `MutableSegment` collects rows in shared memory;
 * `sealSegments` sorts and merges segments into immutable files; `SegmentCache` brings files into
 * shared memory, column by column; `attachSegment` reads either kind in any thread; the `Timeline`
 * says which segments are visible; `packSegment` writes the smaller form that is kept far away. Start at
 * `types.ts`, then `format/segment-writer.ts` for the file and `encodings/` for its columns.
 */
export { type PinnedSegment, SegmentCache } from './cache/segment-cache.js';
export type { TreeEntry } from './format/directory.js';
export { rowColumns, type SegmentDirectory, type WrittenColumn } from './format/directory.js';
export { readSegmentDirectory } from './format/read-directory.js';
export { type ColumnFacts, columnFacts } from './format/stats.js';
export { attachSegment, type SegmentHandle } from './handle.js';
export { type LoadJob, type OpenSegment, openSegment, performLoad } from './immutable/load.js';
export { type IndexName, partsOf, type WantedParts } from './immutable/parts.js';
export {
  type ColumnInspection,
  inspectSegment,
  type SegmentInspection,
  type TreeInspection,
} from './inspect/inspect-segment.js';
export { isMergeable } from './merge/is-mergeable.js';
export { mergeSteps } from './merge/merge-segments.js';
export type { MutableSegmentHandle } from './mutable/handle.js';
export { MutableSegment, type MutableSnapshot } from './mutable/mutable-segment.js';
export { nullBitmapBytes, setNull } from './null-bitmap.js';
export { packSegment } from './packed/pack.js';
export { type PackedFacts, readPackedTail } from './packed/packed-tail.js';
export { unpackSegment } from './packed/unpack.js';
export { hashBucket } from './partition/bucket-hash.js';
export { decideBuckets } from './partition/decide-buckets.js';
export { type Buckets, type Partitioning, shardBuckets } from './partition/partitioning.js';
export {
  autoDimension,
  type ChunkSpan,
  type DimensionSchema,
  type DimensionType,
  type MultiValueHandling,
  type SegmentSchema,
  type TreeDefinition,
  type TreeDimensionDefinition,
  timeTruncation,
} from './schema.js';

export { outputDimensions } from './seal/output-dimensions.js';
export {
  type SealedChunk,
  type SealOptions,
  sealChunks,
  sealSegments,
} from './seal/seal-segments.js';
export type { DeepCopy, SealedSegment } from './seal/write-segment.js';
export { describeTree, type TreeDescription } from './star/describe-tree.js';
export { nodesOf } from './star/tree-nodes.js';
export { segmentIdText } from './timeline/segment-id.js';
export {
  coreCount,
  type PartitionValue,
  type ShardBucket,
  type ShardSpec,
  shardSpecOf,
} from './timeline/shard-spec.js';
export { Timeline, type TimelineEntry, type TimelineSegment } from './timeline/timeline.js';
export { treeSpec } from './tree-spec.js';
export * from './types.js';
