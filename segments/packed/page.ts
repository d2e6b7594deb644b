import {
  ByteReader,
  ByteWriter,
  type Codec,
  CorruptBytesError,
  compress,
  crc32c,
  decompress,
} from '../../core/index.js';
import { CONTENTS, widthOf } from '../encodings/content.js';
import { TRANSFORMS } from './transforms/registry.js';
import type { PlainPage, Transform } from './transforms/transform.js';

/** Bytes of a block that are packed together: all pages of a block but the last have so many. */
export const PAGE_BYTES = 1 << 18;
export const PAGE_HEADER_BYTES = 20;

/** A transform adds less to a page than as much again, a codec is only used where it saves: more is damage. */
const MOST_BYTES = 2 * PAGE_BYTES + 64;

/** By number in files: only more may come behind them. */
const CODECS: readonly (Codec | 'none')[] = ['none', 'brotli', 'zstd'];

/** What a codec must save to be worth the time of undoing it. */
const LEAST_SAVED = 0.02;

/**
 * Packs one page. Little-endian:
 *
 *     0     1    content      a number in CONTENTS
 *     1     1    transform    a number in TRANSFORMS
 *     2     1    codec        0 none, 1 brotli, 2 zstd
 *     3     1    zero
 *     4     4    plain size   u32, bytes in the hot form, at most PAGE_BYTES
 *     8     4    packed size  u32, bytes after the transform
 *     12    4    stored size  u32, bytes after the codec
 *     16    4    checksum     u32, CRC-32C of bytes [0, 16), then of the stored bytes
 *     20    n    stored bytes
 *
 * Null when the transform does not hold the page.
 */
export function packPage(page: PlainPage, transform: Transform, codec: Codec): Uint8Array | null {
  const packed = transform.apply(page);
  if (packed === null) return null;
  const compressed = compress(packed, codec);
  const isWorthIt = compressed.length <= packed.length * (1 - LEAST_SAVED);
  const stored = isWorthIt ? compressed : packed;
  const writer = new ByteWriter(PAGE_HEADER_BYTES + stored.length);
  writer.u8(CONTENTS.indexOf(page.content));
  writer.u8(TRANSFORMS.indexOf(transform));
  writer.u8(CODECS.indexOf(isWorthIt ? codec : 'none'));
  writer.u8(0);
  writer.u32(page.bytes.length);
  writer.u32(packed.length);
  writer.u32(stored.length);
  writer.u32(crc32c(stored, crc32c(writer.toBytes())));
  writer.raw(stored);
  return writer.toBytes();
}

export interface PageHeader {
  readonly content: PlainPage['content'];
  readonly transform: Transform;
  readonly codec: Codec | 'none';
  readonly plainSize: number;
  readonly packedSize: number;
  readonly storedSize: number;
  /** Of the 16 bytes before it, to go on with. */
  readonly headerCrc32c: number;
  readonly crc32c: number;
}

/** Throws CorruptBytesError. Sizes are within bounds then, whatever the bytes are. */
export function decodePageHeader(bytes: Uint8Array): PageHeader {
  const reader = new ByteReader(bytes);
  const content = CONTENTS[reader.u8()];
  const transform = TRANSFORMS[reader.u8()];
  const codec = CODECS[reader.u8()];
  const zero = reader.u8();
  const plainSize = reader.u32();
  const packedSize = reader.u32();
  const storedSize = reader.u32();
  if (content === undefined || transform === undefined || codec === undefined || zero !== 0) {
    throw new CorruptBytesError(0, 'content, transform or codec of a page is not known');
  }
  const isWhole = plainSize % widthOf(content) === 0 && plainSize <= PAGE_BYTES;
  if (!isWhole || packedSize > MOST_BYTES || storedSize > MOST_BYTES) {
    throw new CorruptBytesError(4, 'sizes of a page are out of bounds');
  }
  const headerCrc32c = crc32c(bytes.subarray(0, 16));
  const crc = reader.u32();
  return {
    content,
    transform,
    codec,
    plainSize,
    packedSize,
    storedSize,
    headerCrc32c,
    crc32c: crc,
  };
}

/** The bytes of a page in the hot form; `cuts` are those it was packed with. Throws CorruptBytesError. */
export function unpackPage(
  header: PageHeader,
  stored: Uint8Array,
  cuts: readonly number[],
): Uint8Array {
  const { content, transform, codec, plainSize, packedSize } = header;
  if (crc32c(stored, header.headerCrc32c) !== header.crc32c) {
    throw new CorruptBytesError(0, 'checksum of a page does not match');
  }
  const packed = codec === 'none' ? stored : decompress(stored, codec, packedSize);
  if (packed.length !== packedSize) {
    throw new CorruptBytesError(12, `${packed.length} bytes, want ${packedSize}`);
  }
  const bytes = new Uint8Array(plainSize);
  transform.undo(packed, { content, bytes, cuts });
  return bytes;
}
