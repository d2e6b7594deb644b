import type { PulledBytes } from '../pulled-bytes.js';
import { BitReader } from './bit-reader.js';
import { readBlock } from './bzip2-block.js';

/** A block has so many bytes per level; a symbol of it takes 20 bits at most, its tables some kilobytes. */
const LEVEL_BYTES = 100_000;
const TABLES_BYTES = 64 * 1024;

const BLOCK = 0x314159265359;
const END = 0x177245385090;

/** Of one piece of a block that is given out. */
const PIECE_BYTES = 256 * 1024;

/**
 * Unpacks bzip2, streams one after another, a block at a time. Throws RangeError for bytes that are none, end too
 * early or fail a checksum. The layout, in bits, most significant first:
 *
 *     "BZh" level '1'..'9'
 *     blocks: BLOCK 48, CRC-32 of the block 32, the block (bzip2-block.ts)
 *     END 48, combined CRC 32, zeros up to a whole byte
 */
export async function* bunzip2(packed: PulledBytes): AsyncGenerator<Uint8Array> {
  do yield* stream(packed);
  while (await packed.fill(1));
}

async function* stream(packed: PulledBytes): AsyncGenerator<Uint8Array> {
  const level = await readLevel(packed);
  const links = new Uint32Array(level * LEVEL_BYTES);
  const most = (level * LEVEL_BYTES * 20) / 8 + TABLES_BYTES;
  let used = 0;
  let combined = 0;
  for (;;) {
    await packed.fill(most);
    const bits = new BitReader(packed.view(), 0, used);
    const magic = bits.read(24) * 2 ** 24 + bits.read(24);
    const crc = bits.read(16) * 2 ** 16 + bits.read(16);
    if (magic === END) {
      if (crc !== combined) throw new RangeError('the checksum of the stream is wrong');
      packed.advance(Math.ceil(bits.position / 8));
      return;
    }
    if (magic !== BLOCK) throw new RangeError('there is neither a block nor an end');
    const { count, first } = readBlock(bits, links);
    packed.advance(bits.position >> 3);
    used = bits.position & 7;
    combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
    yield* blockBytes(links, count, first, crc);
  }
}

async function readLevel(packed: PulledBytes): Promise<number> {
  await packed.fill(4);
  const magic = String.fromCharCode(...packed.view().subarray(0, 4));
  if (!/^BZh[1-9]$/.test(magic)) throw new RangeError('it does not begin with "BZh"');
  packed.advance(4);
  return Number(magic[3]);
}

/** Follows the links of a block and undoes its runs: four equal bytes are followed by how many more there are. */
function* blockBytes(
  links: Uint32Array,
  count: number,
  first: number,
  crc: number,
): Generator<Uint8Array> {
  let piece = new Uint8Array(PIECE_BYTES);
  let size = 0;
  let sum = 0xffffffff;
  let at = first;
  let previous = -1;
  let equal = 0;
  for (let i = 0; i < count; i++) {
    const entry = links[at]!;
    const byte = entry & 0xff;
    at = entry >>> 8;
    let times = 1;
    if (equal === 4) {
      times = byte;
      equal = 0;
    } else {
      equal = byte === previous ? equal + 1 : 1;
      previous = byte;
    }
    for (let n = 0; n < times; n++) {
      piece[size++] = previous;
      sum = (sum << 8) ^ CRC[(sum >>> 24) ^ previous]!;
    }
    if (size > PIECE_BYTES - 256) {
      yield piece.subarray(0, size);
      piece = new Uint8Array(PIECE_BYTES);
      size = 0;
    }
  }
  if (~sum >>> 0 !== crc) throw new RangeError('the checksum of a block is wrong');
  yield piece.subarray(0, size);
}

/** CRC-32 with the polynomial of Ethernet, most significant bit first. */
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit++) sum = sum < 0 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  return sum >>> 0;
});
