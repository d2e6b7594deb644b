import type { ReadFile } from '../../core/index.js';
import { FOOTER_BYTES, readDirectoryAtEnd } from '../format/frame.js';
import { type PackedDirectory, readPackedDirectory } from './packed-directory.js';

/** What a packed file says of its segment. */
export type PackedFacts = Pick<PackedDirectory, 'segment' | 'directory'>;

/**
 * What a packed file of `sizeBytes` says of its segment, by its last bytes: a number where they are too few, of how many there
 * have to be for it to come further. Throws CorruptSegmentError.
 */
export function readPackedTail(
  sizeBytes: number,
  tail: Uint8Array,
  path: string,
): PackedFacts | number {
  const file = new Tail(sizeBytes, tail);
  if (tail.length < FOOTER_BYTES) return FOOTER_BYTES;
  try {
    const { segment, directory } = readPackedDirectory(file, path, readDirectoryAtEnd);
    return { segment, directory };
  } catch (error) {
    if (error instanceof NotInTail) return sizeBytes - error.offset;
    throw error;
  }
}

class NotInTail extends Error {
  constructor(readonly offset: number) {
    super(`${offset} lies before the bytes that are there`);
  }
}

/** The end of a file. */
class Tail implements ReadFile {
  constructor(
    readonly sizeBytes: number,
    private readonly bytes: Uint8Array,
  ) {}

  readInto(target: Uint8Array, offset: number): void {
    const at = offset - (this.sizeBytes - this.bytes.length);
    if (at < 0) throw new NotInTail(offset);
    target.set(this.bytes.subarray(at, at + target.length));
  }

  close(): void {}
}
