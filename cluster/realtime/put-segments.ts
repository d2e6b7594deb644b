import type { ChunkSegment } from '../../ingest/index.js';

/** Puts the file of a segment into deep storage, verified; gives the segment with its copy. The file stays. */
export type PutSegment = (
  dataSource: string,
  segment: ChunkSegment,
  signal: AbortSignal,
) => Promise<ChunkSegment>;

/** Puts one after the other: each takes a core while it is packed. */
export async function putSegments(
  put: PutSegment,
  dataSource: string,
  segments: readonly ChunkSegment[],
  signal: AbortSignal,
): Promise<ChunkSegment[]> {
  const stored: ChunkSegment[] = [];
  for (const segment of segments) {
    signal.throwIfAborted();
    stored.push(await put(dataSource, segment, signal));
  }
  return stored;
}
