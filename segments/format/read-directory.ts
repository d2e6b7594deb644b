import { CorruptSegmentError, crc32c, type Disk, type ReadFile } from '../../core/index.js';
import type { SegmentDirectory } from './directory.js';
import { decodeDirectory } from './directory-json.js';
import { checkHeader, decodeFooter, FOOTER_BYTES, HEADER_BYTES } from './frame.js';

/**
 * Reads and checks header, footer and directory of a segment file; no column bytes. Throws
 * CorruptSegmentError when they are damaged, NotFoundError when there is no such file.
 */
export function readSegmentDirectory(disk: Disk, path: string): SegmentDirectory {
  const file = disk.openRead(path);
  try {
    return readFrom(file, path);
  } finally {
    file.close();
  }
}

function readFrom(file: ReadFile, path: string): SegmentDirectory {
  const { sizeBytes } = file;
  if (sizeBytes < HEADER_BYTES + FOOTER_BYTES) {
    throw new CorruptSegmentError(path, 0, `${sizeBytes} bytes are no segment file`);
  }
  const version = checkHeader(read(file, 0, HEADER_BYTES), path);
  const footerBytes = read(file, sizeBytes - FOOTER_BYTES, FOOTER_BYTES);
  const footer = decodeFooter(footerBytes, sizeBytes, path);
  if (footer.version !== version) {
    const detail = `the header says format version ${version}, the footer ${footer.version}`;
    throw new CorruptSegmentError(path, 8, detail);
  }
  const bytes = read(file, footer.directoryOffset, footer.directoryLength);
  if (crc32c(bytes) !== footer.directoryCrc32c) {
    throw new CorruptSegmentError(path, footer.directoryOffset, 'directory checksum mismatch');
  }
  return decodeDirectory(bytes, footer.directoryOffset, sizeBytes, path, version);
}

function read(file: ReadFile, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  file.readInto(bytes, offset);
  return bytes;
}
