/** The Castagnoli polynomial, bits reversed (RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

/** Table k, at [256k, 256k + 256): the checksum of a byte followed by k zero bytes. */
const TABLES = buildTables();

/**
 * CRC-32C of `bytes` as an unsigned 32-bit number. `previous` continues a checksum: `crc32c(b,
 * crc32c(a))` is that of `a` followed by `b`.
 *
 * Eight bytes a step (Kounavis and Berry, "Novel Table Lookup-Based Algorithms for High-Performance
 * CRC Generation", IEEE Transactions on Computers 57(11), 2008, "slicing-by-8").
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const tables = TABLES;
  const length = bytes.length;
  const wholeEnd = length - (length % 8);
  let crc = ~previous;
  let i = 0;
  for (; i < wholeEnd; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      tables[1792 + (crc & 255)]! ^
      tables[1536 + ((crc >>> 8) & 255)]! ^
      tables[1280 + ((crc >>> 16) & 255)]! ^
      tables[1024 + (crc >>> 24)]! ^
      tables[768 + bytes[i + 4]!]! ^
      tables[512 + bytes[i + 5]!]! ^
      tables[256 + bytes[i + 6]!]! ^
      tables[bytes[i + 7]!]!;
  }
  for (; i < length; i++) crc = tables[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Signed words: V8 keeps those in registers, where unsigned ones above 2^31 would become doubles. */
function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
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
