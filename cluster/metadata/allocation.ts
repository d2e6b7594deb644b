import type { PublishRequest } from '../../ingest/index.js';
import { formatInstant } from '../../model/index.js';
import {
  type SegmentId,
  type ShardBucket,
  type ShardSpec,
  segmentIdText,
  shardSpecOf,
} from '../../segments/index.js';
import { intervalKey } from './chunk-intervals.js';
import type { ChunkPlace } from './marks.js';
import type { PartitionNumbers } from './partition-numbers.js';
import type { PlacedSegment } from './stored-segment.js';

/** What was decided for one segment of a publish: its place in the timeline. */
export interface Allocation {
  readonly id: SegmentId;
  readonly idText: string;
  readonly shardSpec: ShardSpec;
}

/** The chunk that an append goes to. */
interface ChunkState {
  readonly version: string;
  readonly coreCount: number;
}

/**
 * Gives every segment of a publish its id, in the order of `request.segments`.
 *
 * Overwrite: the new version, partitions 0 … n-1 of each chunk, all of them its core set.
 * Append: the chunk's current version and the next free partition number; a chunk that has nothing
 * yet gets the new version with an empty core set, so that its partitions show one by one.
 *
 * `used` are the segments of the table that count; `numbers` are taken from.
 */
export function allocate(
  request: PublishRequest,
  used: readonly PlacedSegment[],
  numbers: PartitionNumbers,
  newVersion: string,
): Allocation[] {
  const chunks = request.mode === 'append' ? currentChunks(used) : new Map<string, ChunkState>();
  const sizes = chunkSizes(request);
  return request.segments.map(({ interval, bucket }) => {
    const key = intervalKey(interval);
    const { version, coreCount } = chunks.get(key) ?? {
      version: newVersion,
      coreCount: request.mode === 'append' ? 0 : (sizes.get(key) ?? 0),
    };
    return placed(request.dataSource, { interval, version }, bucket, coreCount, numbers);
  });
}

/** The next segment of a chunk, in its place. */
export function placed(
  dataSource: string,
  chunk: ChunkPlace,
  bucket: ShardBucket | undefined,
  coreCount: number,
  numbers: PartitionNumbers,
): Allocation {
  const { interval, version } = chunk;
  const id = { dataSource, interval, version, partitionNum: numbers.take(chunk) };
  const shardSpec = shardSpecOf(bucket, id.partitionNum, coreCount);
  return { id, idText: segmentIdText(id), shardSpec };
}

function chunkSizes(request: PublishRequest): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { interval } of request.segments) {
    const key = intervalKey(interval);
    sizes.set(key, (sizes.get(key) ?? 0) + 1);
  }
  return sizes;
}

/** The highest version of each interval. */
function currentChunks(used: readonly PlacedSegment[]): Map<string, ChunkState> {
  const chunks = new Map<string, ChunkState>();
  for (const { id, coreCount } of used) {
    const key = intervalKey(id.interval);
    const { version } = id;
    const chunk = chunks.get(key);
    if (chunk === undefined || version > chunk.version) chunks.set(key, { version, coreCount });
  }
  return chunks;
}

/** A version is the time at which it was made, moved on where the clock stands still or goes back. */
export const nextVersionMs = (nowMs: number, lastVersionMs: number | undefined): number =>
  Math.max(nowMs, (lastVersionMs ?? Number.NEGATIVE_INFINITY) + 1);

export const versionText = (versionMs: number): string => formatInstant(versionMs);
