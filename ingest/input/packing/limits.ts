import { ResourceLimitError } from '../../../core/index.js';

/** Unpacked bytes that any input may have, however small it is packed. */
const FREE_BYTES = 1024 * 1024;

/** Beyond the free bytes, how many bytes a packed one may become: text gives 5 to 20, a bomb 1000. */
const MAX_RATIO = 1000;

/** Throws ResourceLimitError when packed bytes have become more than any honest file's do. */
export function checkExpansion(bytes: number, packedBytes: number, uri: string): void {
  const limit = Math.max(FREE_BYTES, packedBytes * MAX_RATIO);
  if (bytes <= limit) return;
  throw new ResourceLimitError(
    `${uri}: ${packedBytes} packed bytes become more than ${limit}; unpack it yourself if that is meant`,
    limit,
    bytes,
  );
}

/** Bytes of one file that may be in memory at once: beyond, a process could die of it. */
const MAX_HELD_BYTES = 2 ** 31;

/** Throws ResourceLimitError when a file that is not read in order, and not where it lies, has more bytes than memory shall hold. */
export function checkHeld(bytes: number, uri: string): void {
  if (bytes <= MAX_HELD_BYTES) return;
  throw new ResourceLimitError(
    `${uri}: more than ${MAX_HELD_BYTES} bytes, which would all be in memory at once; unpack the file and read it by a local source, or split it`,
    MAX_HELD_BYTES,
    bytes,
  );
}

/** Throws ResourceLimitError when an entity has more bytes than one may have. */
export function checkSize(bytes: number, maxBytes: number, uri: string): void {
  if (bytes <= maxBytes) return;
  throw new ResourceLimitError(
    `${uri}: more than ${maxBytes} bytes; split it into smaller files`,
    maxBytes,
    bytes,
  );
}
