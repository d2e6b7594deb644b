import type { Interval } from '../../model/index.js';
import type { SegmentId } from '../types.js';

/** One segment as the timeline sees it; `payload` is whatever the owner wants back. */
export interface TimelineSegment<T> {
  readonly id: SegmentId;
  /** See `coreCount`. */
  readonly coreCount: number;
  readonly payload: T;
}

/** What to read for a span of time: all payloads, each restricted to rows inside `interval`. */
export interface TimelineEntry<T> {
  readonly interval: Interval;
  readonly version: string;
  /** In order of partition number. */
  readonly payloads: readonly T[];
}

/** All segments of one interval and version. */
interface Chunk<T> {
  readonly interval: Interval;
  readonly version: string;
  readonly segments: Map<number, TimelineSegment<T>>;
}

interface Slice<T> {
  readonly startMs: number;
  endMs: number;
  readonly version: string;
  readonly chunks: readonly Chunk<T>[];
  readonly payloads: readonly T[];
}

/**
 * Which segments of one data source are read for an interval. Pure: no clock, no disk.
 *
 * Rules (Druid's versioned interval timeline)
 *   - a chunk (interval, version) is complete when its core partitions 0 … n-1 are all there; n is
 *     the largest core count of any of its segments, and 0 needs nothing; a tombstone is a segment
 *     like any other;
 *   - at every instant the complete chunks of the highest version (string order) are read, whole:
 *     core partitions and those appended beyond them; lower versions are hidden there;
 *   - an incomplete chunk hides nothing and is not read;
 *   - an older chunk that is partly hidden is read with its interval clipped.
 *
 * Cost     a change is O(1) and forgets the slices; the next lookup rebuilds them in
 *          O(chunks log chunks), further lookups are a binary search.
 */
export class Timeline<T> {
  readonly #chunks = new Map<string, Chunk<T>>();
  #slices: readonly Slice<T>[] | null = null;

  /** Adds a segment, or replaces the one with an equal id. */
  add(segment: TimelineSegment<T>): void {
    const { interval, version, partitionNum } = segment.id;
    const key = chunkKey(segment.id);
    let chunk = this.#chunks.get(key);
    if (chunk === undefined) {
      chunk = { interval, version, segments: new Map() };
      this.#chunks.set(key, chunk);
    }
    chunk.segments.set(partitionNum, segment);
    this.#slices = null;
  }

  /** Removes the segment of this id; false when there is none. */
  remove(id: SegmentId): boolean {
    const key = chunkKey(id);
    const chunk = this.#chunks.get(key);
    if (chunk === undefined || !chunk.segments.delete(id.partitionNum)) return false;
    if (chunk.segments.size === 0) this.#chunks.delete(key);
    this.#slices = null;
    return true;
  }

  /** What to read for `interval`, in time order; holes are simply not there. */
  lookup(interval: Interval): TimelineEntry<T>[] {
    const slices = this.#visible();
    const entries: TimelineEntry<T>[] = [];
    for (let i = firstEndingAfter(slices, interval.startMs); i < slices.length; i++) {
      const { startMs, endMs, version, payloads } = slices[i]!;
      if (startMs >= interval.endMs) break;
      const clipped = {
        startMs: Math.max(startMs, interval.startMs),
        endMs: Math.min(endMs, interval.endMs),
      };
      if (clipped.startMs < clipped.endMs) entries.push({ interval: clipped, version, payloads });
    }
    return entries;
  }

  /** Payloads of the segments that are hidden at every instant of their interval by higher versions. */
  overshadowed(): T[] {
    const hidden: T[] = [];
    for (const chunk of this.#chunks.values()) {
      if (this.hides(chunk)) hidden.push(...payloadsOf([chunk]));
    }
    return hidden;
  }

  /** Whether segments of an interval and version are, or would be, hidden at every instant by higher versions. */
  hides(chunk: { readonly interval: Interval; readonly version: string }): boolean {
    let coveredToMs = chunk.interval.startMs;
    for (const entry of this.lookup(chunk.interval)) {
      if (entry.interval.startMs !== coveredToMs || entry.version <= chunk.version) return false;
      coveredToMs = entry.interval.endMs;
    }
    return coveredToMs === chunk.interval.endMs && coveredToMs > chunk.interval.startMs;
  }

  #visible(): readonly Slice<T>[] {
    this.#slices ??= sliceUp([...this.#chunks.values()].filter(isComplete));
    return this.#slices;
  }
}

const chunkKey = (id: SegmentId): string =>
  `${id.interval.startMs}/${id.interval.endMs}/${id.version}`;

function isComplete<T>(chunk: Chunk<T>): boolean {
  let cores = 0;
  for (const { coreCount } of chunk.segments.values()) cores = Math.max(cores, coreCount);
  if (cores > chunk.segments.size) return false;
  for (let partition = 0; partition < cores; partition++) {
    if (!chunk.segments.has(partition)) return false;
  }
  return true;
}

/** Sweeps over all interval ends: between two of them the set of covering chunks does not change. */
function sliceUp<T>(chunks: readonly Chunk<T>[]): Slice<T>[] {
  const starting = [...chunks].sort((a, b) => a.interval.startMs - b.interval.startMs);
  const edges = new Set(chunks.flatMap(({ interval }) => [interval.startMs, interval.endMs]));
  const edgesMs = [...edges].sort((a, b) => a - b);
  const slices: Slice<T>[] = [];
  let active: Chunk<T>[] = [];
  let next = 0;
  for (let i = 0; i + 1 < edgesMs.length; i++) {
    const startMs = edgesMs[i]!;
    active = active.filter((chunk) => chunk.interval.endMs > startMs);
    while (next < starting.length && starting[next]!.interval.startMs === startMs) {
      active.push(starting[next++]!);
    }
    if (active.length > 0) appendSlice(slices, startMs, edgesMs[i + 1]!, highest(active));
  }
  return slices;
}

function highest<T>(active: readonly Chunk<T>[]): Chunk<T>[] {
  let version = active[0]!.version;
  for (const chunk of active) if (chunk.version > version) version = chunk.version;
  return active.filter((chunk) => chunk.version === version);
}

/** Extends the last slice where the same chunks go on being read. */
function appendSlice<T>(
  slices: Slice<T>[],
  startMs: number,
  endMs: number,
  chunks: readonly Chunk<T>[],
): void {
  const last = slices.at(-1);
  if (last?.endMs === startMs && sameMembers(last.chunks, chunks)) {
    last.endMs = endMs;
    return;
  }
  const version = chunks[0]!.version;
  slices.push({ startMs, endMs, version, chunks, payloads: payloadsOf(chunks) });
}

const sameMembers = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((member) => b.includes(member));

function payloadsOf<T>(chunks: readonly Chunk<T>[]): T[] {
  return chunks
    .flatMap(({ segments }) => [...segments.values()])
    .sort((a, b) => a.id.partitionNum - b.id.partitionNum)
    .map(({ payload }) => payload);
}

/** The first slice that ends after `timeMs`. */
function firstEndingAfter<T>(slices: readonly Slice<T>[], timeMs: number): number {
  let low = 0;
  let high = slices.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (slices[middle]!.endMs > timeMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
