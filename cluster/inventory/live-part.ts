import type { LivePart } from '../../ingest/index.js';
import type { ColumnSchema, TablePart } from '../../query/index.js';
import {
  rowColumns,
  type SegmentCache,
  type SegmentId,
  segmentIdText,
} from '../../segments/index.js';

/** What is told of rows that are not published yet. */
export interface LiveSegment {
  readonly id: SegmentId;
  readonly idText: string;
  readonly rowCount: number;
  /** Of its file; 0 while it is in memory. */
  readonly sizeBytes: number;
  readonly columns: readonly ColumnSchema[];
}

/** Takes the place of the version in the ids of parts that are not published. */
export const LIVE_VERSION = 'realtime';

/** A made-up id: the part's own number is its partition, so that no two parts share one. */
function liveId({ id, dataSource, minTimeMs, maxTimeMs }: LivePart): SegmentId {
  const interval = { startMs: minTimeMs, endMs: maxTimeMs + 1 };
  return { dataSource, interval, version: LIVE_VERSION, partitionNum: id };
}

export function liveColumns({ source }: LivePart): readonly ColumnSchema[] {
  return source.kind === 'piece' ? source.sealed.columns : rowColumns(source.handle.columns);
}

/** The part as a query sees it. What a lease holds is there: pinning a mutable one is free. */
export function livePart(part: LivePart, cache: SegmentCache): TablePart {
  const { rowCount, minTimeMs, maxTimeMs, source } = part;
  const id = liveId(part);
  return {
    id,
    interval: id.interval,
    minTimeMs,
    maxTimeMs,
    rowCount,
    facts: null,
    pin: async (wanted) =>
      source.kind === 'piece'
        ? cache.pin(source.sealed.path, wanted)
        : { handle: source.handle, release: () => undefined },
    pinLoaded: (wanted) =>
      source.kind === 'piece'
        ? cache.pinLoaded(source.sealed.path, wanted)
        : { handle: source.handle, release: () => undefined },
  };
}

export function liveSegment(part: LivePart): LiveSegment {
  const id = liveId(part);
  const sizeBytes = part.source.kind === 'piece' ? part.source.sealed.sizeBytes : 0;
  const { rowCount } = part;
  return { id, idText: segmentIdText(id), rowCount, sizeBytes, columns: liveColumns(part) };
}
