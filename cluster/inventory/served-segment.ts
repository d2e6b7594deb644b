import {
  CorruptSegmentError,
  type Disk,
  NotFoundError,
  sha256Hex,
  UnavailableError,
  utf8Encode,
  VarveError,
} from '../../core/index.js';
import type { VisibleSegment } from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import type { PartFacts, TablePart } from '../../query/index.js';
import {
  columnFacts,
  type PinnedSegment,
  readSegmentDirectory,
  type SealedSegment,
  type SegmentCache,
  type SegmentDirectory,
  type WantedParts,
} from '../../segments/index.js';
import type { StoredSegment } from '../metadata/stored-segment.js';

/**
 * A published segment that this process serves. A file that cannot be read stays in the inventory:
 * queries that need it fail and say so, they never answer without it.
 */
export class ServedSegment {
  readonly #facts: PartFacts | null;
  readonly #contentId: string;

  constructor(
    readonly stored: StoredSegment,
    readonly path: string,
    /** What the file says of itself, or why it could not be read. */
    readonly directory: SegmentDirectory | VarveError,
    private readonly cache: SegmentCache,
  ) {
    this.#contentId = contentIdOf(stored);
    this.#facts =
      directory instanceof VarveError
        ? null
        : { shardSpec: stored.shardSpec, ...columnFacts(directory) };
  }

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
      minTimeMs: sealed.minTimeMs,
      maxTimeMs: sealed.maxTimeMs,
      rowCount: sealed.rowCount,
      facts: this.#facts,
      ...(this.isReadable && { contentId: this.#contentId }),
      pin: (wanted) => this.#pin(wanted),
      pinLoaded: (wanted) => (this.isReadable ? this.cache.pinLoaded(this.path, wanted) : null),
    };
  }

  /** The segment's file, of which rows inside `interval` count. Throws when it cannot be read. */
  visible(interval: Interval): VisibleSegment {
    const { directory, path } = this;
    if (directory instanceof VarveError) throw directory;
    return { id: this.stored.id, interval, path, directory: async () => directory };
  }

  async #pin(wanted: WantedParts): Promise<PinnedSegment> {
    if (this.directory instanceof VarveError) throw this.directory;
    return this.cache.pin(this.path, wanted);
  }
}

/** See `TablePart.contentId`. As short as can be: it is read in every query. */
export const contentIdOf = ({ idText, sealed }: StoredSegment): string =>
  sha256Hex(utf8Encode(`${idText} ${sealed.sha256}`)).slice(0, 32);

/** Opens the directory of a segment's file; a failure becomes part of the result. */
export function serveSegment(
  disk: Disk,
  cache: SegmentCache,
  stored: StoredSegment,
  path: string,
): ServedSegment {
  return new ServedSegment(stored, path, directoryOf(disk, stored, path), cache);
}

function directoryOf(
  disk: Disk,
  { idText, sealed }: StoredSegment,
  path: string,
): SegmentDirectory | VarveError {
  try {
    const directory = readSegmentDirectory(disk, path);
    return differenceFrom(sealed, directory, path) ?? directory;
  } catch (error) {
    if (error instanceof NotFoundError) {
      return new UnavailableError(
        `the file ${path} of the segment ${idText} is missing; restore it, or mark the segment as unused`,
        { path },
      );
    }
    if (error instanceof VarveError) return error;
    throw error;
  }
}

/** A sound file that is not the one that was published: another one, or an older one, in its place. */
function differenceFrom(
  sealed: SealedSegment,
  { fileSizeBytes, rowCount, minTimeMs, maxTimeMs }: SegmentDirectory,
  path: string,
): CorruptSegmentError | null {
  const isSame =
    fileSizeBytes === sealed.sizeBytes &&
    rowCount === sealed.rowCount &&
    minTimeMs === sealed.minTimeMs &&
    maxTimeMs === sealed.maxTimeMs;
  if (isSame) return null;
  return new CorruptSegmentError(
    path,
    0,
    `published were ${sealed.rowCount} rows in ${sealed.sizeBytes} bytes, the file has ${rowCount} in ${fileSizeBytes}, or other times`,
  );
}
