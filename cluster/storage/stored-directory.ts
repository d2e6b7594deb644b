import type { DeepCopy, SegmentDirectory } from '../../segments/index.js';
import { readPackedTail } from '../../segments/index.js';
import { CorruptObjectError, type ObjectStore } from './object-store.js';
import type { SegmentFile } from './segment-transfer.js';

/** The directories of nearly all segments are shorter. */
const LIKELY_BYTES = 32 * 1024;

/**
 * What a segment file in deep storage says of itself: of its object no more is read than the end. It is verified by its checksums,
 * and is that of the file that the metadata name. Errors as of `ObjectStore.get`; CorruptSegmentError where it is damaged.
 */
export async function storedDirectory(
  store: Pick<ObjectStore, 'get'>,
  { key, sizeBytes }: DeepCopy,
  file: SegmentFile,
  signal: AbortSignal,
): Promise<SegmentDirectory> {
  for (let wanted = LIKELY_BYTES; ; ) {
    const length = Math.min(wanted, sizeBytes);
    const tail = await lastBytes(store, key, { offset: sizeBytes - length, length }, signal);
    const facts = readPackedTail(sizeBytes, tail, key);
    if (typeof facts === 'object') {
      const { sha256 } = facts.segment;
      if (sha256 === file.sha256) return facts.directory;
      const detail = `it is another segment file, of SHA-256 ${sha256}; want ${file.sha256}`;
      throw new CorruptObjectError(key, detail);
    }
    if (facts <= length || facts > sizeBytes) {
      throw new CorruptObjectError(key, 'its directory is not at its end');
    }
    wanted = facts;
  }
}

async function lastBytes(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  range: { readonly offset: number; readonly length: number },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { chunks } = await store.get(key, { signal, range });
  const bytes = new Uint8Array(range.length);
  let at = 0;
  for await (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
