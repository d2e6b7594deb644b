import type { ChunkSegment, PublishRequest, TaskManager } from '../ingest/index.js';
import type { Interval } from '../model/index.js';

export { chunkSegment } from '../ingest/testing.js';
export { openInventory, sealChunk } from './inventory/fixture-testing.js';

const DAY_MS = 86_400_000;

/** For tests: an interval in days since the epoch. */
export const days = (from: number, to: number): Interval => ({
  startMs: from * DAY_MS,
  endMs: to * DAY_MS,
});

/** For tests: a request to publish into table `t`. */
export function publishOf(
  taskId: string,
  mode: PublishRequest['mode'],
  segments: readonly ChunkSegment[],
  dropIntervals: readonly Interval[] = [],
): PublishRequest {
  return {
    taskId,
    dataSource: 't',
    mode,
    segments,
    dropIntervals,
    dropsRows: true,
    basis: null,
    compactionState: null,
  };
}
export { ShelfCounts } from './historical/shelf-counts.js';

/** For tests: waits until no task runs, nor follows. */
export async function settled(tasks: Pick<TaskManager, 'active' | 'wait'>): Promise<void> {
  for (let idle = 0; idle < 5; idle++) {
    const active = tasks.active();
    if (active.length > 0) idle = 0;
    await Promise.all(active.map(({ id }) => tasks.wait(id)));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
