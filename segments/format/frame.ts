import {
  ByteReader,
  ByteWriter,
  CorruptSegmentError,
  crc32c,
  type ReadFile,
  utf8Encode,
} from '../../core/index.js';
import { FORMAT_VERSION } from './directory.js';

/** Blocks begin at multiples of this in the file, and so in memory. */
export const BLOCK_ALIGNMENT = 64;
/** At least so many zero bytes follow the content of a block: a SIMD load may run over its end. */
const BLOCK_PADDING = 16;
export const HEADER_BYTES = 64;
export const FOOTER_BYTES = 32;

/** What stands around the content of a file: which kind it is, and where its directory lies. */
export interface Frame {
  /** Eight letters each, at the very beginning and at the very end. */
  readonly head: string;
  readonly tail: string;
  /** The version that is written; all from 1 on are read. */
  readonly version: number;
}

export const SEGMENT_FRAME: Frame = { head: 'VARVESEG', tail: 'VARVEEND', version: FORMAT_VERSION };

/** Bytes of a block of so many bytes with the padding behind it. */
export const paddedLength = (length: number): number =>
  Math.ceil((length + BLOCK_PADDING) / BLOCK_ALIGNMENT) * BLOCK_ALIGNMENT;

/** The fixed first bytes of a file; see the drawing in `segment-writer.ts`. */
export function encodeHeader({ head, version }: Frame): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES);
  writer.raw(utf8Encode(head));
  writer.u32(version);
  writer.align(HEADER_BYTES);
  return writer.toBytes();
}

/** The version that a header names. Throws CorruptSegmentError unless `bytes` are a header of a version that we read. */
function checkHeader(frame: Frame, bytes: Uint8Array, path: string): number {
  const fail = (at: number, detail: string) => new CorruptSegmentError(path, at, detail);
  const other = utf8Encode(frame.head).findIndex((byte, i) => byte !== bytes[i]);
  if (other >= 0) throw fail(other, `want magic "${frame.head}"`);
  const version = new ByteReader(bytes.subarray(8)).u32();
  if (!isReadable(frame, version)) throw fail(8, wantVersion(frame));
  const used = bytes.findIndex((byte, i) => i >= 12 && byte !== 0);
  if (used >= 0) throw fail(used, 'reserved bytes are not zero');
  return version;
}

const isReadable = (frame: Frame, version: number): boolean =>
  version >= 1 && version <= frame.version;

const wantVersion = (frame: Frame): string => `want a format version from 1 to ${frame.version}`;

/** Where the directory lies. */
export interface Footer {
  readonly version: number;
  readonly directoryOffset: number;
  readonly directoryLength: number;
  readonly directoryCrc32c: number;
}

export function encodeFooter(
  { tail, version }: Frame,
  directoryOffset: number,
  directory: Uint8Array,
): Uint8Array {
  const writer = new ByteWriter(FOOTER_BYTES);
  writer.size(directoryOffset);
  writer.u32(directory.length);
  writer.u32(crc32c(directory));
  writer.u32(version);
  writer.u32(crc32c(writer.toBytes()));
  writer.raw(utf8Encode(tail));
  return writer.toBytes();
}

/** Reads the last bytes of a file of `fileSizeBytes`. Throws CorruptSegmentError when they are not a footer. */
export function decodeFooter(
  frame: Frame,
  bytes: Uint8Array,
  fileSizeBytes: number,
  path: string,
): Footer {
  const start = fileSizeBytes - FOOTER_BYTES;
  const fail = (at: number, detail: string) => new CorruptSegmentError(path, start + at, detail);
  const reader = new ByteReader(bytes);
  if (utf8Encode(frame.tail).some((byte, i) => byte !== bytes[24 + i])) {
    throw fail(24, `want "${frame.tail}"`);
  }
  const directoryLow = reader.u32();
  const directoryHigh = reader.u32();
  const directoryLength = reader.u32();
  const directoryCrc32c = reader.u32();
  const version = reader.u32();
  if (reader.u32() !== crc32c(bytes.subarray(0, 20))) throw fail(20, 'footer checksum mismatch');
  if (!isReadable(frame, version)) throw fail(16, wantVersion(frame));
  const directoryOffset = directoryLow + directoryHigh * 2 ** 32;
  if (directoryOffset < HEADER_BYTES || directoryOffset + directoryLength !== start) {
    throw fail(0, 'the directory does not end at the footer');
  }
  return { version, directoryOffset, directoryLength, directoryCrc32c };
}

/** The directory of a file as bytes, its checksum verified. */
export interface DirectoryBytes {
  readonly version: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Reads and checks header and footer, and reads the directory. Throws CorruptSegmentError when they are damaged. */
export function readDirectoryBytes(frame: Frame, file: ReadFile, path: string): DirectoryBytes {
  const { sizeBytes } = file;
  if (sizeBytes < HEADER_BYTES + FOOTER_BYTES) {
    throw new CorruptSegmentError(path, 0, `${sizeBytes} bytes are no segment file`);
  }
  const version = checkHeader(frame, readBytes(file, 0, HEADER_BYTES), path);
  const directory = readDirectoryAtEnd(frame, file, path);
  if (directory.version !== version) {
    const detail = `the header says format version ${version}, the footer ${directory.version}`;
    throw new CorruptSegmentError(path, 8, detail);
  }
  return directory;
}

/** The same without the header, of which nothing is known then. */
export function readDirectoryAtEnd(frame: Frame, file: ReadFile, path: string): DirectoryBytes {
  const { sizeBytes } = file;
  const footerBytes = readBytes(file, sizeBytes - FOOTER_BYTES, FOOTER_BYTES);
  const footer = decodeFooter(frame, footerBytes, sizeBytes, path);
  const { version, directoryOffset: offset } = footer;
  const bytes = readBytes(file, offset, footer.directoryLength);
  if (crc32c(bytes) !== footer.directoryCrc32c) {
    throw new CorruptSegmentError(path, offset, 'directory checksum mismatch');
  }
  return { version, offset, bytes };
}

export function readBytes(file: ReadFile, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  file.readInto(bytes, offset);
  return bytes;
}
