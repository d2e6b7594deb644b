import { utf8Decode } from '../../../core/index.js';
import type { PulledBytes } from '../pulled-bytes.js';
import { crc32 } from './checksums.js';
import { inflate } from './inflate.js';

/** A file in an archive. Its bytes must be read before the next entry is asked for. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

const ENTRY = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
/** What may stand behind the entries: the directory, or what describes an empty one. */
const BEHIND_ENTRIES: ReadonlySet<number> = new Set([
  0x02014b50, 0x06054b50, 0x06064b50, 0x08064b50,
]);

const HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const HAS_DESCRIPTOR = 8;
const LONG_SIZES = 1;
const MAX_32 = 0xffffffff;
const MAX_ENTRIES = 100_000;

interface Header {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly hasLongSizes: boolean;
}

/**
 * The files of a zip archive in the order in which they lie, as they come: of directories, and of what macOS adds, nothing is
 * shown. Throws RangeError for bytes that are none, end too early, fail a checksum or use what is not supported. Per entry,
 * little-endian:
 *
 *     "PK" 3 4, version 2, flags 2, method 2, time 4, CRC-32 4, packed size 4, size 4, length of name 2, of extras 2,
 *     name, extras (kind 2, length 2; kind 1 holds sizes of 8), the bytes, perhaps a descriptor: "PK" 7 8, CRC-32, sizes
 */
export async function* unzip(packed: PulledBytes): AsyncGenerator<ZipEntry> {
  for (let count = 0; ; count++) {
    const magic = u32(await seen(packed, 4), 0);
    if (count === 0 ? magic === 0x06054b50 : BEHIND_ENTRIES.has(magic)) return drain(packed);
    if (magic !== ENTRY) throw new RangeError('it does not go on as a zip archive does');
    if (count === MAX_ENTRIES) throw new RangeError(`it has more than ${MAX_ENTRIES} entries`);
    const header = await readHeader(packed);
    const bytes = entryBytes(packed, header);
    if (!isHidden(header.name)) yield { name: header.name, bytes };
    // What was not read.
    for await (const _ of bytes);
  }
}

const isHidden = (name: string): boolean => name.endsWith('/') || name.startsWith('__MACOSX/');

/** The directory repeats what the entries said. */
async function drain(packed: PulledBytes): Promise<void> {
  while (await packed.fill(1)) packed.advance(packed.available);
}

async function readHeader(packed: PulledBytes): Promise<Header> {
  const fixed = await seen(packed, HEADER_BYTES);
  const nameBytes = u16(fixed, 26);
  const extraBytes = u16(fixed, 28);
  const header = await seen(packed, HEADER_BYTES + nameBytes + extraBytes);
  const name = utf8Decode(header.subarray(HEADER_BYTES, HEADER_BYTES + nameBytes));
  const extras = header.subarray(HEADER_BYTES + nameBytes, HEADER_BYTES + nameBytes + extraBytes);
  const long = longSizes(extras);
  const read = {
    name,
    flags: u16(header, 6),
    method: u16(header, 8),
    crc: u32(header, 14),
    packedSize: u32(header, 18) === MAX_32 && long !== null ? long.packedSize : u32(header, 18),
    size: u32(header, 22) === MAX_32 && long !== null ? long.size : u32(header, 22),
    hasLongSizes: long !== null,
  };
  packed.advance(HEADER_BYTES + nameBytes + extraBytes);
  return read;
}

function longSizes(extras: Uint8Array): { size: number; packedSize: number } | null {
  for (let at = 0; at + 4 <= extras.length; at += 4 + u16(extras, at + 2)) {
    if (u16(extras, at) === LONG_SIZES && at + 20 <= extras.length) {
      return { size: u64(extras, at + 4), packedSize: u64(extras, at + 12) };
    }
  }
  return null;
}

async function* entryBytes(packed: PulledBytes, header: Header): AsyncGenerator<Uint8Array> {
  const { name, flags, method } = header;
  const fail = (why: string) => new RangeError(`the entry ${JSON.stringify(name)} ${why}`);
  if ((flags & ENCRYPTED) !== 0) throw fail('is encrypted, which is not supported');
  const hasDescriptor = (flags & HAS_DESCRIPTOR) !== 0;
  if (method !== STORED && method !== DEFLATED) {
    throw fail(`is packed by method ${method}; methods 0 (stored) and 8 (deflate) are supported`);
  }
  if (method === STORED && hasDescriptor && header.size === 0) {
    throw fail('is stored without its size in front of it, which cannot be read as it comes');
  }
  const start = packed.position;
  let crc = 0;
  let size = 0;
  for await (const bytes of method === STORED ? plain(packed, header.size) : inflate(packed)) {
    crc = crc32(bytes, crc);
    size += bytes.length;
    yield bytes;
  }
  const packedSize = packed.position - start;
  const told = hasDescriptor ? await readDescriptor(packed, header.hasLongSizes) : header;
  if (told.crc !== crc || told.size !== size || told.packedSize !== packedSize) {
    throw fail('does not hold what its header says');
  }
}

async function* plain(packed: PulledBytes, size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; ) {
    await seen(packed, 1);
    const bytes = packed.take(Math.min(left, packed.available));
    left -= bytes.length;
    yield bytes;
  }
}

async function readDescriptor(
  packed: PulledBytes,
  isLong: boolean,
): Promise<Pick<Header, 'crc' | 'packedSize' | 'size'>> {
  if (u32(await seen(packed, 4), 0) === DESCRIPTOR) packed.advance(4);
  const length = isLong ? 20 : 12;
  const bytes = await seen(packed, length);
  packed.advance(length);
  const size = isLong ? u64 : u32;
  return { crc: u32(bytes, 0), packedSize: size(bytes, 4), size: size(bytes, isLong ? 12 : 8) };
}

async function seen(packed: PulledBytes, count: number): Promise<Uint8Array> {
  if (!(await packed.fill(count))) throw new RangeError('the bytes end');
  return packed.view();
}

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
const u32 = (bytes: Uint8Array, at: number): number =>
  (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
const u64 = (bytes: Uint8Array, at: number): number =>
  u32(bytes, at) + u32(bytes, at + 4) * 2 ** 32;
