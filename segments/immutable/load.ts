import {
  type ArenaPool,
  CorruptSegmentError,
  crc32c,
  type Disk,
  type ReadFile,
} from '../../core/index.js';
import type { BlockEntry, SegmentDirectory } from '../format/directory.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import type { Segment } from '../types.js';
import { attachImmutable } from './attach.js';
import type { ImmutableSegmentHandle } from './handle.js';
import { partsOf, type SegmentPart, type WantedParts } from './parts.js';

/** Columns and indexes to be read from a file into memory. Plain data: a worker may do it. */
export interface LoadJob {
  readonly path: string;
  readonly memory: WebAssembly.Memory;
  readonly base: number;
  readonly fileSizeBytes: number;
  readonly parts: readonly SegmentPart[];
}

/** The job of loading some parts of a file. */
export function loadJob(
  path: string,
  directory: SegmentDirectory,
  memory: WebAssembly.Memory,
  base: number,
  parts: readonly SegmentPart[],
): LoadJob {
  return { path, memory, base, fileSizeBytes: directory.fileSizeBytes, parts };
}

/**
 * Reads each block straight to its place in the arena and verifies its CRC-32C. Throws
 * CorruptSegmentError naming file, offset and column; nothing may be read from the parts then.
 */
export function performLoad(disk: Disk, job: LoadJob): void {
  const file = disk.openRead(job.path);
  try {
    if (file.sizeBytes !== job.fileSizeBytes) {
      const detail = `has ${file.sizeBytes} bytes, had ${job.fileSizeBytes} when it was opened`;
      throw new CorruptSegmentError(job.path, 0, detail);
    }
    for (const { column, blocks } of job.parts) {
      for (const block of blocks) readBlock(file, job, column, block);
    }
  } finally {
    file.close();
  }
}

function readBlock(file: ReadFile, job: LoadJob, column: string, block: BlockEntry): void {
  const target = new Uint8Array(job.memory.buffer, job.base + block.offset, block.length);
  file.readInto(target, block.offset);
  if (crc32c(target) === block.crc32c) return;
  throw new CorruptSegmentError(
    job.path,
    block.offset,
    `checksum of block "${block.name}" (${block.length} bytes) does not match`,
    column,
  );
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
  const parts = partsOf(directory, { columns: 'all', indexes });
  try {
    performLoad(disk, loadJob(path, directory, memory, range.offset, parts));
  } catch (error) {
    pool.free(range);
    throw error;
  }
  const base = range.offset;
  const { scratch } = range.arena;
  const loaded = parts.map(({ key }) => key);
  const handle = { kind: 'immutable', path, memory, base, scratch, directory, loaded } as const;
  const segment = attachImmutable(handle);
  return Object.assign(segment, { handle, close: () => pool.free(range) });
}
