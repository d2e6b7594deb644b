import { inflateRawSync } from 'node:zlib';
import { ResourceLimitError, UserError } from '../../../../core/index.js';
import { bunzip2 } from '../../packing/bunzip2.js';
import { crc32 } from '../../packing/checksums.js';
import { unsnapBlock } from '../../packing/unsnap.js';
import { unxz } from '../../packing/unxz.js';
import { loadZstd, unzstdBlock } from '../../packing/unzstd.js';
import { PulledBytes } from '../../pulled-bytes.js';

/** What one block may become, unpacked. */
const MAX_BLOCK_BYTES = 2 ** 28;
/** However small it is packed; beyond, how many bytes a packed one may become. */
const FREE_BYTES = 2 ** 20;
const MAX_RATIO = 1000;

type Unpack = (block: Uint8Array, maxBytes: number) => Uint8Array | Promise<Uint8Array>;

/** One line per codec of Avro's container files. They throw RangeError, or errors of zlib, for damaged blocks. */
const CODECS: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ['null', (block) => block],
  ['deflate', (block, maxOutputLength) => inflateRawSync(block, { maxOutputLength })],
  ['snappy', unpackSnappy],
  ['zstandard', unpackZstandard],
  ['bzip2', (block, maxBytes) => collect(bunzip2(pulled(block)), maxBytes)],
  ['xz', (block, maxBytes) => collect(unxz(pulled(block)), maxBytes)],
]);

/** Unpacks blocks of the codec. Throws UserError for an unknown one. */
export function avroCodec(name: string, uri: string): (block: Uint8Array) => Promise<Uint8Array> {
  const unpack = CODECS.get(name);
  if (unpack === undefined) {
    const known = [...CODECS.keys()].join(', ');
    throw new UserError(`${uri}: its Avro codec ${JSON.stringify(name)} is none of ${known}`);
  }
  return async (block) =>
    unpack(block, Math.min(MAX_BLOCK_BYTES, Math.max(FREE_BYTES, block.length * MAX_RATIO)));
}

/** A Snappy block, and behind it the CRC-32 of what it becomes. */
function unpackSnappy(block: Uint8Array, maxBytes: number): Uint8Array {
  if (block.length < 4) throw new RangeError('a block ends too early');
  const body = block.length - 4;
  const bytes = unsnapBlock(block.subarray(0, body), maxBytes);
  const stored = new DataView(block.buffer, block.byteOffset + body).getUint32(0);
  if (crc32(bytes) !== stored) throw new RangeError('the checksum of a block is wrong');
  return bytes;
}

async function unpackZstandard(block: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  await loadZstd();
  return unzstdBlock(block, maxBytes);
}

const pulled = (block: Uint8Array): PulledBytes =>
  new PulledBytes(
    (async function* () {
      yield block;
    })(),
  );

async function collect(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new ResourceLimitError(`a block becomes more than ${maxBytes} bytes`, maxBytes, size);
    }
    kept.push(chunk.slice());
  }
  return Buffer.concat(kept);
}
