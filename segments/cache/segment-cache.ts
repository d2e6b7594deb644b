import {
  type Arena,
  type ArenaPool,
  type ArenaRange,
  type Disk,
  ResourceLimitError,
} from '../../core/index.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import type { SegmentHandle } from '../handle.js';
import { type LoadJob, loadJob } from '../immutable/load.js';
import {
  partBase,
  partBytes,
  partsOf,
  type SegmentPart,
  type WantedParts,
} from '../immutable/parts.js';
import {
  arenaOf,
  type CachedPart,
  type CachedSegment,
  handleOf,
  loadedParts,
  newSegment,
} from './cached-segment.js';

export interface SegmentCacheOptions {
  readonly pool: ArenaPool;
  readonly disk: Disk;
  /** Runs `performLoad`, in this thread or another; rejects with what that throws. */
  readonly load: (job: LoadJob) => Promise<void>;
  /** Bytes of columns and indexes that may be in memory. */
  readonly maxBytes: number;
}

/** A segment whose pinned parts stay in memory until `release`, which may be called more than once. */
export interface PinnedSegment {
  readonly handle: SegmentHandle;
  /** What this pin had to read from the file; absent where there is none. */
  readonly loadedBytes?: number;
  release(): void;
}

/** Since the cache was made, counted in parts: columns and indexes. */
export interface CacheCounts {
  /** Parts that a pin found in memory, or on their way there. */
  readonly hits: number;
  /** Parts that a pin had to load. */
  readonly misses: number;
  readonly loadedBytes: number;
  /** Parts that made room for others. */
  readonly evictions: number;
  readonly evictedBytes: number;
}

/**
 * Columns of segment files, and their indexes, in shared memory. Each is read when it is first pinned, once, however many ask
 * at the same moment. When another needs room, parts of segments without pins are dropped, the least recently pinned first.
 * A segment with pins stays where it is as a whole: whoever holds one may read all that its handle shows.
 *
 * The parts of a segment lie in one arena. Where that is full, the segment is loaded anew in another one; who holds the
 * old place keeps it until it is released.
 *
 * Errors  `pin` rejects with NotFoundError for a missing file, with CorruptSegmentError for a damaged
 *         one, and with ResourceLimitError when what is pinned leaves no room. A segment of which a
 *         load failed is forgotten, so that the next pin reads the file anew.
 */
export class SegmentCache {
  readonly #segments = new Map<string, CachedSegment>();
  /** Of all segments, those that are retired too; least recently pinned first. */
  readonly #parts = new Set<CachedPart>();
  #usedBytes = 0;
  #counts = { hits: 0, misses: 0, loadedBytes: 0, evictions: 0, evictedBytes: 0 };

  constructor(private readonly options: SegmentCacheOptions) {}

  /** Bytes of the columns and indexes that are in memory. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** How many files are in memory, in whole or in part. */
  get segmentCount(): number {
    return this.#segments.size;
  }

  /** How many columns and indexes are in memory. */
  get partCount(): number {
    return this.#parts.size;
  }

  get counts(): CacheCounts {
    return { ...this.#counts };
  }

  /** Makes columns and indexes readable, as far as the segment has them, one of them at least. */
  async pin(path: string, wanted: WantedParts): Promise<PinnedSegment> {
    const before = this.#counts.loadedBytes;
    const { segment, parts } = this.#hold(path, wanted);
    const loadedBytes = this.#counts.loadedBytes - before;
    try {
      await loaded(parts);
    } catch (error) {
      this.#retire(segment);
      this.#release(segment);
      throw error;
    }
    return { ...this.#pinned(segment), loadedBytes };
  }

  /** Pins at once what is in memory; null, without a pin, where something has to be loaded, or looked for. */
  pinLoaded(path: string, wanted: WantedParts): PinnedSegment | null {
    const segment = this.#segments.get(path);
    const parts = segment && loadedParts(segment, wanted);
    if (!segment || !parts) return null;
    segment.pins++;
    this.#use(parts);
    this.#counts.hits += parts.length;
    return this.#pinned(segment);
  }

  #pinned(segment: CachedSegment): PinnedSegment {
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

  /** The segment of a path with one pin more, and its wanted parts, which are loaded or being loaded. */
  #hold(path: string, wanted: WantedParts): { segment: CachedSegment; parts: CachedPart[] } {
    const known = this.#segments.get(path);
    const directory = known?.directory ?? readSegmentDirectory(this.options.disk, path);
    const wantedParts = partsOf(directory, wanted);
    const held = known === undefined ? null : this.#holdIn(known, wantedParts);
    if (held !== null) return { segment: known!, parts: held };
    // Its arena is full, or it has none.
    if (known !== undefined) this.#retire(known);
    const segment = newSegment(path, directory);
    const parts = this.#holdIn(segment, wantedParts)!;
    this.#segments.set(path, segment);
    return { segment, parts };
  }

  /** Null, and no pin more, where the segment's arena has no room for what is missing. */
  #holdIn(segment: CachedSegment, wanted: readonly SegmentPart[]): CachedPart[] | null {
    const missing = wanted.filter(({ key }) => !segment.parts.has(key));
    // What it has stays while room is made for the rest.
    segment.pins++;
    try {
      const ranges = this.#makeRoom(segment, missing);
      if (ranges === null) {
        this.#release(segment);
        return null;
      }
      if (missing.length > 0) this.#start(segment, missing, ranges);
    } catch (error) {
      this.#release(segment);
      throw error;
    }
    const parts = wanted.map(({ key }) => segment.parts.get(key)!);
    this.#use(parts);
    this.#counts.hits += wanted.length - missing.length;
    this.#counts.misses += missing.length;
    return parts;
  }

  #use(parts: readonly CachedPart[]): void {
    for (const part of parts) {
      this.#parts.delete(part);
      this.#parts.add(part);
    }
  }

  #makeRoom(segment: CachedSegment, missing: readonly SegmentPart[]): ArenaRange[] | null {
    const { maxBytes } = this.options;
    const sizes = missing.map(partBytes);
    const wantedBytes = sizes.reduce((sum, size) => sum + size, 0);
    while (this.#usedBytes + wantedBytes > maxBytes) {
      if (!this.#evictOne()) throw this.#noRoom(segment.path, wantedBytes);
    }
    return this.#allocate(sizes, arenaOf(segment));
  }

  #allocate(sizes: readonly number[], arena: Arena | null): ArenaRange[] | null {
    for (;;) {
      try {
        return this.options.pool.allocateTogether(sizes, arena, 'anything');
      } catch (error) {
        // Others use the pool too, and its padding counts: make room there as well.
        if (!(error instanceof ResourceLimitError) || !this.#evictOne()) throw error;
      }
    }
  }

  #start(
    segment: CachedSegment,
    missing: readonly SegmentPart[],
    ranges: readonly ArenaRange[],
  ): void {
    const { path, directory, parts } = segment;
    const { memory } = ranges[0]!.arena;
    const placed = missing.map((part, i) => ({ ...part, base: partBase(part, ranges[i]!.offset) }));
    const loading = this.options.load(loadJob(path, directory, memory, placed));
    for (const [i, part] of missing.entries()) {
      const cached: CachedPart = { segment, part, range: ranges[i]!, loading, isLoaded: false };
      parts.set(part.key, cached);
      this.#parts.add(cached);
      this.#usedBytes += cached.range.sizeBytes;
      this.#counts.loadedBytes += cached.range.sizeBytes;
    }
  }

  /** False where all that is left is pinned. */
  #evictOne(): boolean {
    for (const part of this.#parts) {
      const { segment } = part;
      if (segment.pins > 0) continue;
      this.#counts.evictions++;
      this.#counts.evictedBytes += part.range.sizeBytes;
      this.#free(part);
      if (segment.parts.size === 0) this.#retire(segment);
      return true;
    }
    return false;
  }

  #retire(segment: CachedSegment): void {
    if (segment.retired) return;
    segment.retired = true;
    if (this.#segments.get(segment.path) === segment) this.#segments.delete(segment.path);
    this.#freeIfUnused(segment);
  }

  #release(segment: CachedSegment): void {
    segment.pins--;
    this.#freeIfUnused(segment);
  }

  #freeIfUnused({ retired, pins, parts }: CachedSegment): void {
    if (!retired || pins > 0) return;
    for (const part of [...parts.values()]) this.#free(part);
  }

  #free(part: CachedPart): void {
    part.segment.parts.delete(part.part.key);
    part.segment.handle = null;
    this.#parts.delete(part);
    this.#usedBytes -= part.range.sizeBytes;
    this.options.pool.free(part.range);
  }

  #noRoom(path: string, sizeBytes: number): ResourceLimitError {
    const { maxBytes } = this.options;
    return new ResourceLimitError(
      `${path} needs ${sizeBytes} bytes of memory, ${this.#usedBytes} of at most ${maxBytes} are pinned by running queries; ` +
        'read fewer columns or a shorter interval, run fewer queries at once, or raise the memory for segments',
      maxBytes,
      this.#usedBytes + sizeBytes,
    );
  }
}

/** Waits for every part, also after one failed: nobody may free memory that is being filled. */
async function loaded(parts: readonly CachedPart[]): Promise<void> {
  const results = await Promise.allSettled(parts.map(({ loading }) => loading));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  for (const part of parts) {
    if (!part.isLoaded) part.segment.handle = null;
    part.isLoaded = true;
  }
}
