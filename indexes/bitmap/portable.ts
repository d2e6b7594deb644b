const COOKIE = 12_346;
/** Containers of more rows are bit sets. */
const ARRAY_MAX = 4096;
const BITSET_BYTES = 8192;

/**
 * Sets the bits of the rows of a Roaring bitmap in the portable format, `bytes` from `from` to `to`, where it lies: no copy,
 * no library's heap. Bitmaps with runs are not read: none are written. Little-endian
 * (https://github.com/RoaringBitmap/RoaringFormatSpec):
 *
 *     u32             12346
 *     u32             containers
 *     containers ×    u16 key: high half of its rows; u16 rows - 1
 *     containers ×    u32 offset from the beginning; not needed to read all in order
 *     containers      low halves: rows ascending as u16 each, or of more than 4,096 rows 65,536 bits
 *
 * Where no bit is set yet, sets of bits are copied, which takes a tenth of the time.
 *
 * Whatever the bytes are, nothing beyond `to` is read and no bit outside of `bits` is set; bits from the row count on may be.
 */
export function setBitmapBits(
  bytes: Uint8Array,
  from: number,
  to: number,
  bits: Uint32Array,
  areFresh = false,
): void {
  if (to - from < 8 || u16(bytes, from) !== COOKIE) return;
  const count = u16(bytes, from + 4);
  const heads = from + 8;
  let at = heads + 8 * count;
  for (let i = 0; i < count && at < to; i++) {
    const base = u16(bytes, heads + 4 * i) * 65_536;
    const rows = u16(bytes, heads + 4 * i + 2) + 1;
    const isBitset = rows > ARRAY_MAX;
    const end = at + (isBitset ? BITSET_BYTES : 2 * rows);
    if (end > to) return;
    if (isBitset) setWords(bytes.subarray(at, end), base, bits, areFresh);
    else setRows(bytes, at, end, base, bits);
    at = end;
  }
}

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

function setRows(
  bytes: Uint8Array,
  from: number,
  to: number,
  base: number,
  bits: Uint32Array,
): void {
  for (let at = from; at < to; at += 2) {
    const row = base + (bytes[at]! | (bytes[at + 1]! << 8));
    bits[row >>> 5]! |= 1 << (row & 31);
  }
}

function setWords(content: Uint8Array, base: number, bits: Uint32Array, areFresh: boolean): void {
  const target = bits.subarray(base >>> 5, (base + 65_536) >>> 5);
  const used = content.subarray(0, 4 * target.length);
  if (areFresh) {
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(used);
    return;
  }
  // A copy, since they need not lie where words do.
  const words = new Uint32Array(used.slice().buffer);
  for (let i = 0; i < words.length; i++) target[i]! |= words[i]!;
}
