import type { Disk } from '../../core/index.js';
import type { SegmentDirectory } from './directory.js';
import { decodeDirectory } from './directory-json.js';
import { readDirectoryBytes, SEGMENT_FRAME } from './frame.js';

/**
 * Reads and checks header, footer and directory of a segment file; no column bytes. Throws
 * CorruptSegmentError when they are damaged, NotFoundError when there is no such file.
 */
export function readSegmentDirectory(disk: Disk, path: string): SegmentDirectory {
  const file = disk.openRead(path);
  try {
    const { version, offset, bytes } = readDirectoryBytes(SEGMENT_FRAME, file, path);
    return decodeDirectory(bytes, offset, file.sizeBytes, path, version);
  } finally {
    file.close();
  }
}
