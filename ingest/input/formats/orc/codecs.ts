import { brotliDecompressSync, inflateRawSync } from 'node:zlib';
import { UserError } from '../../../../core/index.js';
import { unlz4Block } from '../../packing/unlz4.js';
import { unsnapBlock } from '../../packing/unsnap.js';
import { loadZstd, unzstdBlock } from '../../packing/unzstd.js';

/** Unpacks a chunk that becomes `maxBytes` at most. Throws RangeError, or errors of zlib, for a damaged one. */
type Unpack = (chunk: Uint8Array, maxBytes: number) => Uint8Array;

/** How the bytes of a file are packed. */
export interface Codec {
  /** Null: not at all, and not in chunks either. */
  readonly unpack: Unpack | null;
  /** Of one chunk, unpacked. */
  readonly chunkBytes: number;
}

interface CodecKind {
  readonly name: string;
  readonly unpack: Unpack | null;
}

/** By the number in the postscript. */
const CODECS: readonly CodecKind[] = [
  { name: 'none', unpack: null },
  { name: 'zlib', unpack: (chunk, maxOutputLength) => inflateRawSync(chunk, { maxOutputLength }) },
  { name: 'snappy', unpack: unsnapBlock },
  { name: 'lzo', unpack: null },
  { name: 'lz4', unpack: unlz4Block },
  { name: 'zstd', unpack: unzstdBlock },
  {
    name: 'brotli',
    unpack: (chunk, maxOutputLength) => brotliDecompressSync(chunk, { maxOutputLength }),
  },
];

/** A chunk's length has 23 bits. */
const MAX_CHUNK_BYTES = 2 ** 23;

/** Throws UserError for a codec that is not supported. */
export async function codecOf(number: number, chunkBytes: number, uri: string): Promise<Codec> {
  const kind = CODECS[number];
  if (kind === undefined || (kind.unpack === null && number !== 0)) {
    const known = CODECS.filter(({ unpack }, i) => unpack !== null || i === 0).map(
      ({ name }) => name,
    );
    throw new UserError(
      `${uri}: its compression is ${kind?.name ?? number}, want one of ${known.join(', ')}; write it with another one`,
    );
  }
  if (kind.unpack === unzstdBlock) await loadZstd();
  return { unpack: kind.unpack, chunkBytes: Math.min(chunkBytes, MAX_CHUNK_BYTES) };
}

const HEADER_BYTES = 3;

/**
 * The chunk that begins at `at`, unpacked, and where the next one begins. Each has a header of 3 bytes, little-endian: its length, times
 * two, and one more where it is not packed.
 */
export function chunkAt(
  bytes: Uint8Array,
  at: number,
  { unpack, chunkBytes }: Codec,
): { readonly chunk: Uint8Array; readonly next: number } {
  if (unpack === null) return { chunk: bytes.subarray(at), next: bytes.length };
  if (at + HEADER_BYTES > bytes.length) throw new RangeError('a stream ends too early');
  const header = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
  const start = at + HEADER_BYTES;
  const next = start + (header >> 1);
  if (next > bytes.length) throw new RangeError('a stream ends too early');
  const body = bytes.subarray(start, next);
  return { chunk: (header & 1) === 1 ? body : unpack(body, chunkBytes), next };
}

/** All chunks together. */
export function unpackAll(bytes: Uint8Array, codec: Codec, maxBytes: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let at = 0; at < bytes.length; ) {
    const { chunk, next } = chunkAt(bytes, at, codec);
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) throw new RangeError('the metadata are too long');
    at = next;
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
