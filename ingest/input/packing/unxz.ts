import { createHash } from 'node:crypto';
import { ResourceLimitError } from '../../../core/index.js';
import type { PulledBytes } from '../pulled-bytes.js';
import { Crc64, crc32 } from './checksums.js';
import { Lzma } from './lzma.js';

/** As large as `xz -9` makes it. */
const MAX_DICTIONARY_BYTES = 2 ** 26;

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const HEADER_BYTES = 12;
const LZMA2 = 0x21;

/** What a stream says of the check behind each block. */
interface Check {
  readonly bytes: number;
  readonly sum: { update(bytes: Uint8Array): unknown; digest(): Uint8Array } | null;
}

/**
 * Unpacks xz, streams one after another, a chunk of at most 2 MiB at a time. Throws RangeError for bytes that are
 * none, end too early or fail a checksum, ResourceLimitError for a dictionary beyond 64 MiB. After "The .xz File
 * Format" 1.2.1:
 *
 *     header   magic 6, flags 2 (the second: the kind of check), CRC-32 of the flags
 *     blocks   header: size / 4 - 1, flags, sizes, filters, zeros, CRC-32; LZMA2 chunks; zeros to a multiple of 4; check
 *     index    0, count, per block its size without zeros and its unpacked size, zeros to a multiple of 4, CRC-32
 *     footer   CRC-32 of the rest, size of the index / 4 - 1 in 4, flags 2, "YZ"
 */
export async function* unxz(packed: PulledBytes): AsyncGenerator<Uint8Array> {
  do {
    yield* stream(packed);
    await skipPadding(packed);
  } while (await packed.fill(1));
}

/** Zeros, four at a time, between streams. */
async function skipPadding(packed: PulledBytes): Promise<void> {
  while ((await packed.fill(4)) && packed.view()[0] === 0) {
    if (packed.take(4).some((byte) => byte !== 0)) throw new RangeError('there is no next stream');
  }
}

async function* stream(packed: PulledBytes): AsyncGenerator<Uint8Array> {
  const header = await taken(packed, HEADER_BYTES);
  if (MAGIC.some((byte, i) => header[i] !== byte))
    throw new RangeError('it does not begin as xz does');
  checkSum(header.subarray(6, 8), header, 8);
  const kind = header[7]!;
  const sizes: Sizes = { blocks: 0, unpadded: 0, unpacked: 0 };
  for (;;) {
    const [first] = await seen(packed, 1);
    if (first === 0) break;
    yield* block(packed, (first! + 1) * 4, kind, sizes);
  }
  const indexBytes = await readIndex(packed, sizes);
  const footer = await taken(packed, HEADER_BYTES);
  checkSum(footer.subarray(4, 10), footer, 0);
  const backwards = new DataView(footer.buffer, footer.byteOffset).getUint32(4, true);
  const isEnd = footer[9] === kind && footer[10] === 0x59 && footer[11] === 0x5a;
  if (!isEnd || (backwards + 1) * 4 !== indexBytes) throw new RangeError('the footer is wrong');
}

/** What the blocks have been, to be compared with what the index says. */
interface Sizes {
  blocks: number;
  unpadded: number;
  unpacked: number;
}

async function* block(
  packed: PulledBytes,
  headerBytes: number,
  kind: number,
  sizes: Sizes,
): AsyncGenerator<Uint8Array> {
  const start = packed.position;
  const lzma = new Lzma(dictionaryBytes(await taken(packed, headerBytes)));
  const check = checkOf(kind);
  for await (const bytes of chunks(packed, lzma)) {
    check.sum?.update(bytes);
    sizes.unpacked += bytes.length;
    yield bytes;
  }
  const end = packed.position - start;
  await taken(packed, (4 - (end % 4)) % 4);
  const expected = await taken(packed, check.bytes);
  const actual = check.sum?.digest();
  if (actual?.some((byte, i) => expected[i] !== byte)) {
    throw new RangeError('the checksum of a block is wrong');
  }
  sizes.blocks++;
  sizes.unpadded += end + check.bytes;
}

/** The size of the dictionary that a block's header wants. */
function dictionaryBytes(header: Uint8Array): number {
  const body = header.length - 4;
  checkSum(header.subarray(0, body), header, body);
  const flags = header[1]!;
  if ((flags & 0x3f) !== 0) {
    throw new RangeError('it has filters for machine code or the like, which are not supported');
  }
  const fields = new Vlis(header.subarray(2, body));
  if (flags & 0x40) fields.next();
  if (flags & 0x80) fields.next();
  const filter = fields.next();
  const propertyBytes = fields.next();
  const bits = fields.next();
  if (filter !== LZMA2 || propertyBytes !== 1 || bits > 40) {
    throw new RangeError('it is packed with another filter than LZMA2');
  }
  const bytes = (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
  if (bytes <= MAX_DICTIONARY_BYTES) return bytes;
  throw new ResourceLimitError(
    `xz wants a dictionary of ${bytes} bytes, more than ${MAX_DICTIONARY_BYTES}; pack the file with "xz -9" or less`,
    MAX_DICTIONARY_BYTES,
    bytes,
  );
}

/**
 * LZMA2: a control byte per chunk. 0 ends; 1 and 2 are bytes as they are, 1 with a new dictionary; from 0x80 on coded
 * bytes, whose bits 5 and 6 say what is reset: nothing, state, state and properties, all.
 */
async function* chunks(packed: PulledBytes, lzma: Lzma): AsyncGenerator<Uint8Array> {
  /** What the next chunk must reset at least. */
  let needs = 3;
  for (;;) {
    const [control] = await taken(packed, 1);
    if (control === 0) return;
    if (control! < 0x80) {
      if (control! > 2 || (control === 2 && needs === 3))
        throw new RangeError('a chunk is unknown');
      const [high, low] = await taken(packed, 2);
      if (control === 1) lzma.resetDictionary();
      if (needs === 3) needs = 2;
      yield lzma.copy((await taken(packed, high! * 256 + low! + 1)).slice());
      continue;
    }
    const resets = (control! >> 5) & 3;
    if (resets < needs) throw new RangeError('a chunk goes on with what has not begun');
    const [b, c, d, e] = await taken(packed, 4);
    if (resets === 3) lzma.resetDictionary();
    if (resets >= 2) lzma.setProperties((await taken(packed, 1))[0]!);
    if (resets >= 1) lzma.resetState();
    needs = 0;
    const size = (control! & 0x1f) * 65536 + b! * 256 + c! + 1;
    yield lzma.decode(await taken(packed, d! * 256 + e! + 1), size);
  }
}

async function readIndex(packed: PulledBytes, sizes: Sizes): Promise<number> {
  const start = packed.position;
  let sum = 0;
  const bytes = async (count: number): Promise<Uint8Array> => {
    const read = await taken(packed, count);
    sum = crc32(read, sum);
    return read;
  };
  const number = async (): Promise<number> => {
    let value = 0;
    for (let unit = 1; unit < 2 ** 53; unit *= 128) {
      const [byte] = await bytes(1);
      value += (byte! & 0x7f) * unit;
      if (byte! < 0x80) return value;
    }
    throw new RangeError('the index is wrong');
  };
  await bytes(1);
  const left = { ...sizes };
  const count = await number();
  for (let i = 0; i < count && i <= sizes.blocks; i++) {
    left.blocks--;
    left.unpadded -= await number();
    left.unpacked -= await number();
  }
  await bytes((4 - ((packed.position - start) % 4)) % 4);
  const stored = await taken(packed, 4);
  const isRight = new DataView(stored.buffer, stored.byteOffset).getUint32(0, true) === sum;
  if (!isRight || left.blocks !== 0 || left.unpadded !== 0 || left.unpacked !== 0) {
    throw new RangeError('the index is wrong');
  }
  return packed.position - start;
}

/** Numbers of 7 bits a byte, least significant first. */
class Vlis {
  #at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  next(): number {
    let value = 0;
    for (let unit = 1; unit < 2 ** 53; unit *= 128) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
    throw new RangeError('the header of a block is wrong');
  }
}

function checkOf(kind: number): Check {
  if (kind === 0) return { bytes: 0, sum: null };
  if (kind === 1) return { bytes: 4, sum: new Crc32Sum() };
  if (kind === 4) return { bytes: 8, sum: new Crc64() };
  if (kind === 10) return { bytes: 32, sum: createHash('sha256') };
  throw new RangeError(`its checksums are of the unknown kind ${kind}`);
}

class Crc32Sum {
  #sum = 0;

  update(bytes: Uint8Array): void {
    this.#sum = crc32(bytes, this.#sum);
  }

  digest(): Uint8Array {
    return new Uint8Array(Uint32Array.of(this.#sum).buffer);
  }
}

function checkSum(bytes: Uint8Array, stored: Uint8Array, at: number): void {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.length);
  if (crc32(bytes) !== view.getUint32(at, true))
    throw new RangeError('the checksum of a header is wrong');
}

async function seen(packed: PulledBytes, count: number): Promise<Uint8Array> {
  if (!(await packed.fill(count))) throw new RangeError('the bytes end');
  return packed.view();
}

async function taken(packed: PulledBytes, count: number): Promise<Uint8Array> {
  await seen(packed, count);
  return packed.take(count);
}
