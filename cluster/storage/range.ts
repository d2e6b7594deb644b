import { UserError } from '../../core/index.js';
import type { ByteRange } from './object-store.js';

/** Throws UserError where a range leads beyond the end. */
export function checkRange(key: string, sizeBytes: number, range: ByteRange | undefined): void {
  if (range === undefined) return;
  const { offset, length } = range;
  const isWhole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (isWhole && offset >= 0 && length >= 0 && offset + length <= sizeBytes) return;
  throw new UserError(
    `bytes ${offset} to ${offset + length} of object ${key} were wanted, it has ${sizeBytes}`,
  );
}
