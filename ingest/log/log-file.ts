import { CorruptLogError, crc32c, type Disk } from '../../core/index.js';
import { decodeHeader, FIXED_HEADER_BYTES, type FileHeader } from './file-header.js';
import type { FileBytes } from './record.js';

/** A file of the log as it lies on disk. */
export interface LogFile {
  readonly path: string;
  readonly header: FileHeader;
  /** Of the last file: up to where its records end. */
  sizeBytes: number;
}

/** Names sort as their numbers do. */
const NAME = /^\d{16}\.log$/;

export function pathOf(directory: string, sequence: number): string {
  return `${directory}/${String(sequence).padStart(16, '0')}.log`;
}

/**
 * The files of a log, oldest first, from the fixed part of their headers. Anything else in the
 * directory is not ours to judge. Throws CorruptLogError for a header that does not check, a hole
 * in the sequence, a file under another's name or of another log.
 */
export function listFiles(disk: Disk, directory: string): LogFile[] {
  const paths = disk.list(directory).filter((name) => NAME.test(name));
  const files = paths.map((name) => describe(disk, `${directory}/${name}`));
  for (const [i, file] of files.entries()) checkChain(directory, file, files[i - 1]);
  return files;
}

function describe(disk: Disk, path: string): LogFile {
  const file = disk.openRead(path);
  try {
    const { sizeBytes } = file;
    const bytes = new Uint8Array(Math.min(FIXED_HEADER_BYTES, sizeBytes));
    file.readInto(bytes, 0);
    return { path, header: decodeHeader(bytes, path), sizeBytes };
  } finally {
    file.close();
  }
}

function checkChain(directory: string, file: LogFile, before: LogFile | undefined): void {
  const { logId, sequence, start } = file.header;
  const fail = (at: number, detail: string) => new CorruptLogError(file.path, at, detail);
  if (pathOf(directory, sequence) !== file.path) {
    throw fail(32, `it is file ${sequence} under another name`);
  }
  if (before === undefined) return;
  if (logId !== before.header.logId) throw fail(16, 'it belongs to another log');
  if (sequence !== before.header.sequence + 1) throw fail(32, 'the file before it is missing');
  if (start < before.header.start) throw fail(40, 'it starts before the file before it');
}

/** Reads a whole file. Throws CorruptLogError when its checkpoint does not check. */
export function loadFile(disk: Disk, file: LogFile): FileBytes & { checkpoint: Uint8Array } {
  const { header, path } = file;
  const bytes = disk.readFile(path);
  const bodyOffset = FIXED_HEADER_BYTES + header.checkpointLength;
  const checkpoint = bytes.subarray(FIXED_HEADER_BYTES, bodyOffset);
  if (bytes.length < bodyOffset || crc32c(checkpoint) !== header.checkpointChecksum) {
    throw new CorruptLogError(path, FIXED_HEADER_BYTES, 'its checkpoint does not match');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, view, bodyOffset, start: header.start, seed: header.checksum, checkpoint };
}
