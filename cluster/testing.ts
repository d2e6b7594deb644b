import type { ChunkSegment, PublishRequest } from '../ingest/index.js';
import type { Interval } from '../model/index.js';

const DAY_MS = 86_400_000;

/** For tests: an interval in days since the epoch. */
export const days = (from: number, to: number): Interval => ({
  startMs: from * DAY_MS,
  endMs: to * DAY_MS,
});

/** For tests: a segment of a chunk, as sealing would describe its file. */
export function chunkSegment(interval: Interval, path: string): ChunkSegment {
  return {
    interval,
    sealed: {
      path,
      rowCount: 3,
      sizeBytes: 1000,
      sha256: '00'.repeat(32),
      minTimeMs: interval.startMs,
      maxTimeMs: interval.endMs - 1,
      columns: [{ name: '__time', role: 'time', type: 'LONG', multiValue: false }],
    },
  };
}

/** For tests: a request to publish into table `t`. */
export function publishOf(
  taskId: string,
  mode: PublishRequest['mode'],
  segments: readonly ChunkSegment[],
  dropIntervals: readonly Interval[] = [],
): PublishRequest {
  return { taskId, dataSource: 't', mode, segments, dropIntervals, basis: null };
}
