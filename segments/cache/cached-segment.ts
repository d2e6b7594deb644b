import type { Arena, ArenaRange } from '../../core/index.js';
import type { SegmentDirectory } from '../format/directory.js';
import type { SegmentHandle } from '../handle.js';
import { partBase, partKey, type SegmentPart, type WantedParts } from '../immutable/parts.js';

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
  /** Of what is loaded now: the same object until that changes. */
  handle: SegmentHandle | null;
  /** Parts of a segment with pins stay where they are, those too that no pin asked for. */
  pins: number;
  /** No longer found by new pins; freed with its last pin. */
  retired: boolean;
}

export const newSegment = (path: string, directory: SegmentDirectory): CachedSegment => ({
  path,
  directory,
  parts: new Map(),
  handle: null,
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
  segment.handle ??= newHandle(segment);
  return segment.handle;
}

/** The parts that are wanted, where all of them are loaded. Null where they are not, or a closer look has to tell which they are. */
export function loadedParts({ parts }: CachedSegment, wanted: WantedParts): CachedPart[] | null {
  const wantedKeys = keysOf(wanted);
  if (wantedKeys === null) return null;
  const found: CachedPart[] = [];
  for (const key of wantedKeys) {
    const part = parts.get(key);
    if (!part?.isLoaded) return null;
    found.push(part);
  }
  return found;
}

/** Queries that ask the same of trees want the same object again and again. */
const keys = new WeakMap<WantedParts, readonly string[] | null>();

/** Null where a closer look has to tell which they are. */
function keysOf(wanted: WantedParts): readonly string[] | null {
  const known = keys.get(wanted);
  if (known !== undefined) return known;
  const made = newKeys(wanted);
  keys.set(wanted, made);
  return made;
}

function newKeys({ columns, indexes = [], tree }: WantedParts): string[] | null {
  if (columns === 'all' || indexes === 'all') return null;
  // Of a tree nobody needs times that it does not group by.
  const times = tree === undefined ? ['__time'] : [];
  const names = columns === 'none' ? [] : [...times, ...columns];
  return [
    ...names.map((name) => partKey(name, '', tree)),
    ...indexes.map(({ column, kind }) => partKey(column, kind, tree)),
  ];
}

function newHandle(segment: CachedSegment): SegmentHandle {
  const { path, directory, parts } = segment;
  const { memory, scratch } = arenaOf(segment)!;
  const loaded = new Map<string, number>();
  for (const [key, { part, range, isLoaded }] of parts) {
    if (isLoaded) loaded.set(key, partBase(part, range.offset));
  }
  return { kind: 'immutable', path, memory, scratch, directory, loaded };
}
