import type { Arena, ArenaRange } from '../../core/index.js';
import type { SegmentDirectory } from '../format/directory.js';
import type { SegmentHandle } from '../handle.js';
import { partBase, type SegmentPart } from '../immutable/parts.js';

/** A part that has its place in memory. */
export interface CachedPart {
  readonly segment: CachedSegment;
  readonly part: SegmentPart;
  readonly range: ArenaRange;
  /** Settled once its bytes are there, or known to be bad. */
  loading: Promise<void>;
  isLoaded: boolean;
}

/** A file of which some parts are in memory, all of them in one arena, which kernels address as one memory. */
export interface CachedSegment {
  readonly path: string;
  readonly directory: SegmentDirectory;
  /** By key; none before the first pin has found room. */
  readonly parts: Map<string, CachedPart>;
  /** Parts of a segment with pins stay where they are, those too that no pin asked for. */
  pins: number;
  /** No longer found by new pins; freed with its last pin. */
  retired: boolean;
}

export const newSegment = (path: string, directory: SegmentDirectory): CachedSegment => ({
  path,
  directory,
  parts: new Map(),
  pins: 0,
  retired: false,
});

/** Where all of a segment's parts lie; null while there are none. */
export function arenaOf({ parts }: CachedSegment): Arena | null {
  for (const { range } of parts.values()) return range.arena;
  return null;
}

/** What is loaded of a segment that has parts. */
export function handleOf(segment: CachedSegment): SegmentHandle {
  const { path, directory, parts } = segment;
  const { memory, scratch } = arenaOf(segment)!;
  const loaded = new Map<string, number>();
  for (const [key, { part, range, isLoaded }] of parts) {
    if (isLoaded) loaded.set(key, partBase(part, range.offset));
  }
  return { kind: 'immutable', path, memory, scratch, directory, loaded };
}
