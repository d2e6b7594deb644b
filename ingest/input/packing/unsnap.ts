import { compressors } from 'hyparquet-compressors';
import { crc32c } from '../../../core/index.js';
import type { PulledBytes } from '../pulled-bytes.js';

/** Unpacked bytes that one chunk may have. */
const MAX_CHUNK_BYTES = 65_536;
/** Packed ones: what cannot be packed grows a little. */
const MAX_PACKED_BYTES = 76_490;

const PACKED = 0;
const PLAIN = 1;
const STREAM = 0xff;
/** Kinds from here on are passed over. */
const SKIPPABLE = 0x80;

/**
 * Unpacks Snappy's framing format, one chunk of at most 64 KiB at a time. Throws RangeError for bytes that are none, end
 * too early or fail a checksum. Each chunk: kind 1, length 3 (little-endian), then that many bytes: a masked CRC-32C of what
 * they are unpacked and, packed or plain, the bytes themselves; a stream begins with kind 255 and "sNaPpY".
 */
export async function* unsnap(packed: PulledBytes): AsyncGenerator<Uint8Array> {
  for (let isFirst = true; await packed.fill(1); isFirst = false) {
    if (!(await packed.fill(4))) throw new RangeError('the bytes end');
    const [kind, a, b, c] = packed.take(4);
    const length = a! + b! * 256 + c! * 65_536;
    if (isFirst && kind !== STREAM) throw new RangeError('it does not begin as framed Snappy does');
    if (kind === PACKED || kind === PLAIN) {
      if (length < 4 || length > MAX_PACKED_BYTES) throw new RangeError('a chunk is too long');
      yield readChunk(await taken(packed, length), kind);
    } else if (kind === STREAM) {
      const magic = await taken(packed, length);
      if (String.fromCharCode(...magic.subarray(0, 7)) !== 'sNaPpY') {
        throw new RangeError('it does not begin as framed Snappy does');
      }
    } else if (kind! < SKIPPABLE) throw new RangeError(`chunks of kind ${kind} are unknown`);
    else await skip(packed, length);
  }
}

function readChunk(chunk: Uint8Array, kind: number): Uint8Array {
  const stored = new DataView(chunk.buffer, chunk.byteOffset).getUint32(0, true);
  const body = chunk.subarray(4);
  const bytes = kind === PLAIN ? body.slice() : unsnapBlock(body, MAX_CHUNK_BYTES);
  const sum = crc32c(bytes);
  const masked = (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
  if (masked !== stored) throw new RangeError('the checksum of a chunk is wrong');
  return bytes;
}

/** Unpacks a Snappy block, which begins with its unpacked size. Throws RangeError beyond `maxBytes`, and for what is none. */
export function unsnapBlock(block: Uint8Array, maxBytes: number): Uint8Array {
  const size = unpackedSize(block);
  if (size > maxBytes) throw new RangeError('a Snappy block is larger than it may be');
  try {
    return compressors.SNAPPY!(block, size);
  } catch (error) {
    throw new RangeError(`a Snappy block is damaged (${(error as Error).message})`);
  }
}

function unpackedSize(block: Uint8Array): number {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    size += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return size;
  }
  throw new RangeError('a Snappy block does not begin');
}

async function taken(packed: PulledBytes, count: number): Promise<Uint8Array> {
  if (!(await packed.fill(count))) throw new RangeError('the bytes end');
  return packed.take(count);
}

async function skip(packed: PulledBytes, count: number): Promise<void> {
  for (let left = count; left > 0; ) {
    if (!(await packed.fill(1))) throw new RangeError('the bytes end');
    const part = Math.min(left, packed.available);
    packed.advance(part);
    left -= part;
  }
}
