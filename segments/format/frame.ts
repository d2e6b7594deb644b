import {
  ByteReader,
  ByteWriter,
  CorruptSegmentError,
  crc32c,
  utf8Encode,
} from '../../core/index.js';
import { FORMAT_VERSION, type FormatVersion, isReadable } from './directory.js';

/** Blocks begin at multiples of this in the file, and so in memory. */
export const BLOCK_ALIGNMENT = 64;
/** At least so many zero bytes follow the content of a block: a SIMD load may run over its end. */
const BLOCK_PADDING = 16;
export const HEADER_BYTES = 64;
export const FOOTER_BYTES = 32;

const HEADER_MAGIC = utf8Encode('VARVESEG');
const FOOTER_MAGIC = utf8Encode('VARVEEND');

const WANT_VERSION = `want a format version from 1 to ${FORMAT_VERSION}`;

/** Bytes of a block of so many bytes with the padding behind it. */
export const paddedLength = (length: number): number =>
  Math.ceil((length + BLOCK_PADDING) / BLOCK_ALIGNMENT) * BLOCK_ALIGNMENT;

/** The fixed first bytes of a file; see the drawing in `segment-writer.ts`. */
export function encodeHeader(): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES);
  writer.raw(HEADER_MAGIC);
  writer.u32(FORMAT_VERSION);
  writer.align(HEADER_BYTES);
  return writer.toBytes();
}

/** The version that a header names. Throws CorruptSegmentError unless `bytes` are a header of a version that we read. */
export function checkHeader(bytes: Uint8Array, path: string): FormatVersion {
  const fail = (at: number, detail: string) => new CorruptSegmentError(path, at, detail);
  const other = HEADER_MAGIC.findIndex((byte, i) => byte !== bytes[i]);
  if (other >= 0) throw fail(other, 'want magic "VARVESEG"');
  const reader = new ByteReader(bytes.subarray(HEADER_MAGIC.length));
  const version = reader.u32();
  if (!isReadable(version)) throw fail(8, WANT_VERSION);
  const used = bytes.findIndex((byte, i) => i >= 12 && byte !== 0);
  if (used >= 0) throw fail(used, 'reserved bytes are not zero');
  return version;
}

/** Where the directory lies. */
export interface Footer {
  readonly version: FormatVersion;
  readonly directoryOffset: number;
  readonly directoryLength: number;
  readonly directoryCrc32c: number;
}

export function encodeFooter(footer: Omit<Footer, 'version'>): Uint8Array {
  const writer = new ByteWriter(FOOTER_BYTES);
  writer.size(footer.directoryOffset);
  writer.u32(footer.directoryLength);
  writer.u32(footer.directoryCrc32c);
  writer.u32(FORMAT_VERSION);
  writer.u32(crc32c(writer.toBytes()));
  writer.raw(FOOTER_MAGIC);
  return writer.toBytes();
}

/** Reads the last bytes of a file of `fileSizeBytes`. Throws CorruptSegmentError when they are not a footer. */
export function decodeFooter(bytes: Uint8Array, fileSizeBytes: number, path: string): Footer {
  const start = fileSizeBytes - FOOTER_BYTES;
  const fail = (at: number, detail: string) => new CorruptSegmentError(path, start + at, detail);
  const reader = new ByteReader(bytes);
  if (FOOTER_MAGIC.some((byte, i) => byte !== bytes[24 + i])) throw fail(24, 'want "VARVEEND"');
  const directoryLow = reader.u32();
  const directoryHigh = reader.u32();
  const directoryLength = reader.u32();
  const directoryCrc32c = reader.u32();
  const version = reader.u32();
  if (reader.u32() !== crc32c(bytes.subarray(0, 20))) throw fail(20, 'footer checksum mismatch');
  if (!isReadable(version)) throw fail(16, WANT_VERSION);
  const directoryOffset = directoryLow + directoryHigh * 2 ** 32;
  if (directoryOffset < HEADER_BYTES || directoryOffset + directoryLength !== start) {
    throw fail(0, 'the directory does not end at the footer');
  }
  return { version, directoryOffset, directoryLength, directoryCrc32c };
}
