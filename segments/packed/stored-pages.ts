import { CorruptBytesError, CorruptSegmentError, type ReadFile } from '../../core/index.js';
import { readBytes } from '../format/frame.js';
import type { PackedRange } from './packed-directory.js';
import { decodePageHeader, PAGE_BYTES, PAGE_HEADER_BYTES, unpackPage } from './page.js';
import type { TextCuts } from './text-cuts.js';

/**
 * The pages of a range as they were in the hot form, one after another, `plainLength` bytes in all. `cuts` are those that
 * the pages of texts were packed with. Throws CorruptSegmentError where they are something else.
 */
export function* readPages(
  file: ReadFile,
  path: string,
  { offset, length }: PackedRange,
  plainLength: number,
  cuts: TextCuts | null = null,
): Generator<Uint8Array> {
  let at = offset;
  const end = offset + length;
  for (let start = 0; start < plainLength; start += PAGE_BYTES) {
    const plainSize = Math.min(PAGE_BYTES, plainLength - start);
    try {
      const header = decodePageHeader(readBytes(file, at, Math.min(PAGE_HEADER_BYTES, end - at)));
      const next = at + PAGE_HEADER_BYTES + header.storedSize;
      if (header.plainSize !== plainSize || next > end) {
        throw new CorruptBytesError(4, 'a page is not as long as it should be');
      }
      const stored = readBytes(file, at + PAGE_HEADER_BYTES, header.storedSize);
      const isText = header.content === 'texts' && cuts !== null;
      yield unpackPage(header, stored, isText ? cuts.take(start, start + plainSize) : []);
      at = next;
    } catch (error) {
      if (!(error instanceof CorruptBytesError)) throw error;
      throw new CorruptSegmentError(path, at, error.message);
    }
  }
  if (at !== end) throw new CorruptSegmentError(path, at, 'pages are left over');
}
