import {
  type ArenaPool,
  CorruptSegmentError,
  crc32c,
  type Disk,
  type ReadFile,
} from '../../core/index.js';
import { LoadedColumn } from '../encodings/loaded-column.js';
import { encodingNamed } from '../encodings/registry.js';
import type { BlockEntry, SegmentDirectory } from '../format/directory.js';
import { paddedLength } from '../format/frame.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import type { Segment } from '../types.js';
import { attachImmutable } from './attach.js';
import type { ImmutableSegmentHandle } from './handle.js';
import { type PlacedPart, partsOf, type WantedParts } from './parts.js';

/** Columns and indexes to be read from a file into memory. Plain data: a worker may do it. */
export interface LoadJob {
  readonly path: string;
  readonly memory: WebAssembly.Memory;
  readonly fileSizeBytes: number;
  readonly parts: readonly PlacedPart[];
}

/** The job of loading some parts of a file. */
export function loadJob(
  path: string,
  directory: SegmentDirectory,
  memory: WebAssembly.Memory,
  parts: readonly PlacedPart[],
): LoadJob {
  return { path, memory, fileSizeBytes: directory.fileSizeBytes, parts };
}

/**
 * Reads each block straight to its place in the arena, with zeros behind it, and verifies its CRC-32C and what a column
 * holds, which readers trust. Throws CorruptSegmentError naming file, offset and column; nothing may be read from the parts then.
 */
export function performLoad(disk: Disk, job: LoadJob): void {
  const file = disk.openRead(job.path);
  try {
    if (file.sizeBytes !== job.fileSizeBytes) {
      const detail = `has ${file.sizeBytes} bytes, had ${job.fileSizeBytes} when it was opened`;
      throw new CorruptSegmentError(job.path, 0, detail);
    }
    for (const part of job.parts) {
      for (const block of part.blocks) readBlock(file, job, part, block);
      checkContent(job, part);
    }
  } finally {
    file.close();
  }
}

function readBlock(file: ReadFile, job: LoadJob, part: PlacedPart, block: BlockEntry): void {
  const { buffer } = job.memory;
  const address = part.base + block.offset;
  const target = new Uint8Array(buffer, address, block.length);
  file.readInto(target, block.offset);
  new Uint8Array(buffer, address, paddedLength(block.length)).fill(0, block.length);
  if (crc32c(target) === block.crc32c) return;
  throw new CorruptSegmentError(
    job.path,
    block.offset,
    `checksum of block "${block.name}" (${block.length} bytes) does not match`,
    part.column,
  );
}

function checkContent({ path, memory }: LoadJob, { entry, base, rowCount }: PlacedPart): void {
  if (entry === null) return;
  const buffer = memory.buffer as SharedArrayBuffer;
  const column = new LoadedColumn(entry, rowCount, buffer, base);
  const fault = encodingNamed(entry.encoding)?.checkContent?.(column) ?? null;
  if (fault !== null)
    throw new CorruptSegmentError(path, entry.blocks[0]!.offset, fault, entry.name);
}

/** A segment file that is loaded and verified. */
export interface OpenSegment extends Segment {
  readonly handle: ImmutableSegmentHandle;
  /** Gives the memory back; no reader may be used afterwards. */
  close(): void;
}

/**
 * Loads a segment file in this thread: for merging and tests. All of its columns, and such indexes as are asked for.
 * Throws CorruptSegmentError.
 */
export function openSegment(
  disk: Disk,
  path: string,
  pool: ArenaPool,
  indexes: WantedParts['indexes'] = [],
): OpenSegment {
  const directory = readSegmentDirectory(disk, path);
  const range = pool.allocate(directory.fileSizeBytes);
  const { memory } = range.arena;
  const base = range.offset;
  const wanted = partsOf(directory, { columns: 'all', indexes });
  const parts = wanted.map((part) => ({ ...part, base }));
  try {
    performLoad(disk, loadJob(path, directory, memory, parts));
  } catch (error) {
    pool.free(range);
    throw error;
  }
  const { scratch } = range.arena;
  const loaded = new Map(parts.map(({ key }) => [key, base]));
  const handle = { kind: 'immutable', path, memory, scratch, directory, loaded } as const;
  const segment = attachImmutable(handle);
  return Object.assign(segment, { handle, close: () => pool.free(range) });
}
