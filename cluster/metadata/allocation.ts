import type { PublishRequest } from '../../ingest/index.js';
import { formatInstant } from '../../model/index.js';
import {
  type SegmentId,
  type ShardSpec,
  segmentIdText,
  shardSpecOf,
} from '../../segments/index.js';
import { intervalKey } from './chunk-intervals.js';
import type { PlacedSegment } from './stored-segment.js';

/** What was decided for one segment of a publish: its place in the timeline. */
export interface Allocation {
  readonly id: SegmentId;
  readonly idText: string;
  readonly shardSpec: ShardSpec;
}

/** The chunk's newest visible version, and the partition numbers ever given out in it. */
interface ChunkState {
  readonly version: string;
  readonly coreCount: number;
  nextPartition: number;
}

/**
 * Gives every segment of a publish its id, in the order of `request.segments`. Pure.
 *
 * Overwrite: the new version, partitions 0 … n-1 of each chunk, all of them its core set.
 * Append: the chunk's current version and the next free partition number; a chunk that has nothing
 * yet gets the new version with an empty core set, so that its partitions show one by one.
 *
 * `existing` are all segments of the table that were ever published, unused ones included, so that
 * no partition number is given out twice.
 */
export function allocate(
  request: PublishRequest,
  existing: readonly PlacedSegment[],
  newVersion: string,
): Allocation[] {
  const chunks =
    request.mode === 'append' ? currentChunks(existing) : new Map<string, ChunkState>();
  const sizes = chunkSizes(request);
  return request.segments.map(({ interval, bucket }) => {
    const key = intervalKey(interval);
    const chunk = chunks.get(key) ?? {
      version: newVersion,
      coreCount: request.mode === 'append' ? 0 : (sizes.get(key) ?? 0),
      nextPartition: 0,
    };
    chunks.set(key, chunk);
    const partitionNum = chunk.nextPartition++;
    const id = { dataSource: request.dataSource, interval, version: chunk.version, partitionNum };
    const shardSpec = shardSpecOf(bucket, partitionNum, chunk.coreCount);
    return { id, idText: segmentIdText(id), shardSpec };
  });
}

function chunkSizes(request: PublishRequest): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { interval } of request.segments) {
    const key = intervalKey(interval);
    sizes.set(key, (sizes.get(key) ?? 0) + 1);
  }
  return sizes;
}

/** The highest used version of each interval, with its next partition number. */
function currentChunks(existing: readonly PlacedSegment[]): Map<string, ChunkState> {
  const chunks = new Map<string, ChunkState>();
  for (const { id, coreCount, used } of existing) {
    const key = intervalKey(id.interval);
    const chunk = chunks.get(key);
    if (used && (chunk === undefined || id.version > chunk.version)) {
      chunks.set(key, { version: id.version, coreCount, nextPartition: 0 });
    }
  }
  for (const { id } of existing) {
    const chunk = chunks.get(intervalKey(id.interval));
    if (chunk?.version !== id.version) continue;
    chunk.nextPartition = Math.max(chunk.nextPartition, id.partitionNum + 1);
  }
  return chunks;
}

/** A version is the time at which it was made, moved on where the clock stands still or goes back. */
export const nextVersionMs = (nowMs: number, lastVersionMs: number | undefined): number =>
  Math.max(nowMs, (lastVersionMs ?? Number.NEGATIVE_INFINITY) + 1);

export const versionText = (versionMs: number): string => formatInstant(versionMs);
