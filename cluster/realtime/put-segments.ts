import type { ChunkSegment } from '../../ingest/index.js';
import type { SegmentTransfer } from '../storage/segment-transfer.js';

/** Puts the file of a segment into deep storage, verified; gives the segment with its copy. The file stays. */
export type PutSegment = (
  dataSource: string,
  segment: ChunkSegment,
  signal: AbortSignal,
) => Promise<ChunkSegment>;

/** Under keys that nobody ever had. */
export const putInto =
  (transfer: SegmentTransfer): PutSegment =>
  async (dataSource, segment, signal) => {
    const { sealed, interval } = segment;
    const key = transfer.newKey(dataSource, interval);
    const deep = await transfer.put(key, sealed.path, sealed, signal);
    return { ...segment, sealed: { ...sealed, path: '', deep } };
  };

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
