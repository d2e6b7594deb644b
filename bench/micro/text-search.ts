import { findPieceIn } from '../../query/compiler/find-piece.js';
import { expectEqual, type Micro } from './micro.js';

const TEXT_COUNT = 50_000;
const PIECE = '77';

/** A piece of a LIKE, looked for in the bytes of all texts of a dictionary. */
export function textSearchBench(): Micro {
  const texts = Array.from({ length: TEXT_COUNT }, (_, i) => `https://example.org/page/${i}.html`);
  const bytes = Buffer.from(texts.join(''));
  const offsets = new Uint32Array(TEXT_COUNT + 1);
  for (const [i, { length }] of texts.entries()) offsets[i + 1] = offsets[i]! + length;
  const places = layOut([offsets, bytes, Buffer.from(PIECE), new Uint32Array(TEXT_COUNT)]);
  const { memory, addresses } = places;
  const [offsetsAt, bytesAt, pieceAt, foundAt] = addresses as [number, number, number, number];
  const find = findPieceIn(memory);
  const run = () =>
    find({
      piece: pieceAt,
      length: PIECE.length,
      bytes: bytesAt,
      offsets: offsetsAt,
      code: 0,
      endCode: TEXT_COUNT,
      found: foundAt,
      limit: TEXT_COUNT,
      isAtEnd: 0,
    });
  const name = 'search in texts';
  const want = texts.filter((text) => text.includes(PIECE)).length;
  return {
    name,
    unit: 'byte',
    units: bytes.length,
    check: () => expectEqual(name, run(), want),
    run,
  };
}

/** Arrays one behind the other in a memory, each at a multiple of 64. */
function layOut(parts: readonly (Uint8Array | Uint32Array)[]) {
  const pages = Math.ceil(
    parts.reduce((sum, { byteLength }) => sum + byteLength + 64, 64) / 65_536,
  );
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  let end = 0;
  const addresses = parts.map(({ buffer, byteOffset, byteLength }) => {
    const address = Math.ceil(end / 64) * 64;
    new Uint8Array(memory.buffer).set(new Uint8Array(buffer, byteOffset, byteLength), address);
    end = address + byteLength;
    return address;
  });
  return { memory, addresses };
}
