import { type Disk, VarveError } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import type { TablePart } from '../../query/index.js';
import {
  type PinnedSegment,
  readSegmentDirectory,
  type SegmentCache,
  type SegmentDirectory,
} from '../../segments/index.js';
import type { StoredSegment } from '../metadata/stored-segment.js';

/**
 * A published segment that this process serves. A file that cannot be read stays in the inventory:
 * queries that need it fail and say so, they never answer without it.
 */
export class ServedSegment {
  constructor(
    readonly stored: StoredSegment,
    readonly path: string,
    /** What the file says of itself, or why it could not be read. */
    readonly directory: SegmentDirectory | VarveError,
    private readonly cache: SegmentCache,
  ) {}

  /** False when queries that need it fail. */
  get isReadable(): boolean {
    return !(this.directory instanceof VarveError);
  }

  /** The segment as a query sees it, restricted to rows inside `interval`. */
  part(interval: Interval): TablePart {
    const { id, sealed } = this.stored;
    return {
      id,
      interval,
      minTimeMs: sealed.minTimeMs ?? id.interval.startMs,
      maxTimeMs: sealed.maxTimeMs ?? id.interval.startMs,
      rowCount: sealed.rowCount,
      pin: (columns) => this.#pin(columns),
    };
  }

  async #pin(columns: readonly string[] | 'all'): Promise<PinnedSegment> {
    if (this.directory instanceof VarveError) throw this.directory;
    return this.cache.pin(this.path, columns);
  }
}

/** Opens the directory of a segment's file; a failure becomes part of the result. */
export function serveSegment(
  disk: Disk,
  cache: SegmentCache,
  stored: StoredSegment,
  path: string,
): ServedSegment {
  return new ServedSegment(stored, path, directoryOf(disk, path), cache);
}

function directoryOf(disk: Disk, path: string): SegmentDirectory | VarveError {
  try {
    return readSegmentDirectory(disk, path);
  } catch (error) {
    if (error instanceof VarveError) return error;
    throw error;
  }
}
