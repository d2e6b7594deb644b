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

/** Columns to be read from a file into memory. Plain data: a worker may do it. */
export interface LoadJob {
  readonly path: string;
  readonly memory: WebAssembly.Memory;
  readonly base: number;
  readonly fileSizeBytes: number;
  readonly columns: readonly LoadColumn[];
}

interface LoadColumn {
  readonly name: string;
  readonly blocks: readonly BlockEntry[];
}

/** The job of loading the named columns. */
export function loadJob(
  path: string,
  directory: SegmentDirectory,
  memory: WebAssembly.Memory,
  base: number,
  columns: ReadonlySet<string>,
): LoadJob {
  const wanted = directory.columns.filter(({ name }) => columns.has(name));
  return {
    path,
    memory,
    base,
    fileSizeBytes: directory.fileSizeBytes,
    columns: wanted.map(({ name, blocks }) => ({ name, blocks })),
  };
}

/**
 * Reads each block straight to its place in the arena and verifies its CRC-32C. Throws
 * CorruptSegmentError naming file, offset and column; nothing may be read from the columns then.
 */
export function performLoad(disk: Disk, job: LoadJob): void {
  const file = disk.openRead(job.path);
  try {
    if (file.sizeBytes !== job.fileSizeBytes) {
      const detail = `has ${file.sizeBytes} bytes, had ${job.fileSizeBytes} when it was opened`;
      throw new CorruptSegmentError(job.path, 0, detail);
    }
    for (const column of job.columns) {
      for (const block of column.blocks) readBlock(file, job, column.name, block);
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

/** A segment file, all of it loaded and verified. */
export interface OpenSegment extends Segment {
  readonly handle: ImmutableSegmentHandle;
  /** Gives the memory back; no reader may be used afterwards. */
  close(): void;
}

/** Loads a whole segment file in this thread: for merging and tests. Throws CorruptSegmentError. */
export function openSegment(disk: Disk, path: string, pool: ArenaPool): OpenSegment {
  const directory = readSegmentDirectory(disk, path);
  const range = pool.allocate(directory.fileSizeBytes);
  const { memory } = range.arena;
  const loaded = directory.columns.map(({ name }) => name);
  try {
    performLoad(disk, loadJob(path, directory, memory, range.offset, new Set(loaded)));
  } catch (error) {
    pool.free(range);
    throw error;
  }
  const base = range.offset;
  const { scratch } = range.arena;
  const handle = { kind: 'immutable', path, memory, base, scratch, directory, loaded } as const;
  const segment = attachImmutable(handle);
  return Object.assign(segment, { handle, close: () => pool.free(range) });
}
