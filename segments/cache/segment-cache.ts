import {
  type ArenaPool,
  type ArenaRange,
  type Disk,
  ResourceLimitError,
} from '../../core/index.js';
import type { SegmentDirectory } from '../format/directory.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import type { SegmentHandle } from '../handle.js';
import { type LoadJob, loadJob } from '../immutable/load.js';
import { partsOf, type SegmentPart, type WantedParts } from '../immutable/parts.js';

export interface SegmentCacheOptions {
  readonly pool: ArenaPool;
  readonly disk: Disk;
  /** Runs `performLoad`, in this thread or another; rejects with what that throws. */
  readonly load: (job: LoadJob) => Promise<void>;
  /** Bytes of segment files that may be in memory; a file counts whole, however few of its parts are loaded. */
  readonly maxBytes: number;
}

/** A segment whose pinned parts stay in memory until `release`, which may be called more than once. */
export interface PinnedSegment {
  readonly handle: SegmentHandle;
  release(): void;
}

interface CachedSegment {
  readonly path: string;
  readonly directory: SegmentDirectory;
  readonly range: ArenaRange;
  /** By key of a part: settled once its bytes are there, or known to be bad. */
  readonly loading: Map<string, Promise<void>>;
  /** Keys of parts. */
  readonly loaded: Set<string>;
  pins: number;
  /** No longer found by new pins; freed with its last pin. */
  retired: boolean;
}

/**
 * Segment files in shared memory. Columns and their indexes are read when first pinned, each once, however many ask
 * at the same moment; a segment without pins may be dropped, the least recently used first, when
 * another needs room.
 *
 * Errors  `pin` rejects with NotFoundError for a missing file, with CorruptSegmentError for a damaged
 *         one, and with ResourceLimitError when what is pinned leaves no room. A segment of which a
 *         load failed is forgotten, so that the next pin reads the file anew.
 */
export class SegmentCache {
  /** Least recently used first. */
  readonly #segments = new Map<string, CachedSegment>();
  #usedBytes = 0;

  constructor(private readonly options: SegmentCacheOptions) {}

  /** Bytes of the files that are in memory. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** How many files are in memory, in whole or in part. */
  get segmentCount(): number {
    return this.#segments.size;
  }

  /** Makes columns and indexes readable, as far as the segment has them; `__time` always. */
  async pin(path: string, wanted: WantedParts): Promise<PinnedSegment> {
    const segment = this.#open(path);
    segment.pins++;
    try {
      await this.#load(segment, partsOf(segment.directory, wanted));
    } catch (error) {
      this.#retire(segment);
      this.#release(segment);
      throw error;
    }
    let held = true;
    const release = () => {
      if (held) this.#release(segment);
      held = false;
    };
    return { handle: handleOf(segment), release };
  }

  /** Forgets a file that is going to be deleted; pins that are held stay valid. */
  drop(path: string): void {
    const segment = this.#segments.get(path);
    if (segment !== undefined) this.#retire(segment);
  }

  /** The segment of a path, made the most recently used. */
  #open(path: string): CachedSegment {
    const known = this.#segments.get(path);
    if (known !== undefined) {
      this.#segments.delete(path);
      this.#segments.set(path, known);
      return known;
    }
    const directory = readSegmentDirectory(this.options.disk, path);
    const range = this.#allocate(path, directory.fileSizeBytes);
    const segment: CachedSegment = {
      path,
      directory,
      range,
      loading: new Map(),
      loaded: new Set(),
      pins: 0,
      retired: false,
    };
    this.#segments.set(path, segment);
    this.#usedBytes += directory.fileSizeBytes;
    return segment;
  }

  #allocate(path: string, sizeBytes: number): ArenaRange {
    const { maxBytes, pool } = this.options;
    while (this.#usedBytes + sizeBytes > maxBytes) {
      if (!this.#evictOne()) throw this.#noRoom(path, sizeBytes);
    }
    for (;;) {
      try {
        return pool.allocate(sizeBytes);
      } catch (error) {
        // Others use the pool too, and its padding counts: make room there as well.
        if (!(error instanceof ResourceLimitError) || !this.#evictOne()) throw error;
      }
    }
  }

  #evictOne(): boolean {
    for (const segment of this.#segments.values()) {
      if (segment.pins > 0) continue;
      this.#retire(segment);
      return true;
    }
    return false;
  }

  /** Waits for every part, also after one failed: nobody may free memory that is being filled. */
  async #load(segment: CachedSegment, parts: readonly SegmentPart[]): Promise<void> {
    const missing = parts.filter(({ key }) => !segment.loading.has(key));
    if (missing.length > 0) {
      const loading = this.#start(segment, missing);
      for (const { key } of missing) segment.loading.set(key, loading);
    }
    const results = await Promise.allSettled(parts.map(({ key }) => segment.loading.get(key)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #start(segment: CachedSegment, parts: readonly SegmentPart[]): Promise<void> {
    const { path, directory, range } = segment;
    const { memory } = range.arena;
    await this.options.load(loadJob(path, directory, memory, range.offset, parts));
    for (const { key } of parts) segment.loaded.add(key);
  }

  #retire(segment: CachedSegment): void {
    if (segment.retired) return;
    segment.retired = true;
    this.#segments.delete(segment.path);
    this.#freeIfUnused(segment);
  }

  #release(segment: CachedSegment): void {
    segment.pins--;
    this.#freeIfUnused(segment);
  }

  #freeIfUnused({ retired, pins, range, directory }: CachedSegment): void {
    if (!retired || pins > 0) return;
    this.options.pool.free(range);
    this.#usedBytes -= directory.fileSizeBytes;
  }

  #noRoom(path: string, sizeBytes: number): ResourceLimitError {
    const { maxBytes } = this.options;
    const wanted = this.#usedBytes + sizeBytes;
    return new ResourceLimitError(
      `${path} needs ${sizeBytes} bytes of memory, ${this.#usedBytes} of at most ${maxBytes} are pinned by running queries; ` +
        'query a shorter interval, run fewer queries at once, or raise the memory for segments',
      maxBytes,
      wanted,
    );
  }
}

function handleOf({ path, directory, range, loaded }: CachedSegment): SegmentHandle {
  const { memory, scratch } = range.arena;
  const base = range.offset;
  return { kind: 'immutable', path, memory, base, scratch, directory, loaded: [...loaded] };
}
