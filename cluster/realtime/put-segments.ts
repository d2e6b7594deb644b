import type { ChunkSegment } from '../../ingest/index.js';

/**
 * Puts the file of a segment into deep storage, verified; gives the segment with its copy. The file stays. Of a task: the
 * leader publishes it, and what is not published goes when the task has ended.
 */
export type PutSegment = (
  dataSource: string,
  segment: ChunkSegment,
  signal: AbortSignal,
  taskId?: string,
) => Promise<ChunkSegment>;

/** Puts those of a task one after the other: each takes a core while it is packed. */
export async function putSegments(
  put: PutSegment,
  dataSource: string,
  segments: readonly ChunkSegment[],
  signal: AbortSignal,
  taskId: string,
): Promise<ChunkSegment[]> {
  const stored: ChunkSegment[] = [];
  for (const segment of segments) {
    signal.throwIfAborted();
    stored.push(await put(dataSource, segment, signal, taskId));
  }
  return stored;
}
