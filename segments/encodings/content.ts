/**
 * What the entries of a block are, as far as packing makes use of it:
 *
 *     u8 u16 u32    unsigned integers; u8 also where nothing is known
 *     i64           signed integers
 *     f32 f64       IEEE 754 numbers
 *     texts         UTF-8 of texts, in order where that is worth something; another block says where each begins
 */
export type Content = (typeof CONTENTS)[number];

/** By number in files: only more may come behind them. */
export const CONTENTS = ['u8', 'u16', 'u32', 'i64', 'f32', 'f64', 'texts'] as const;

const WIDTHS: Readonly<Record<Content, 1 | 2 | 4 | 8>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  i64: 8,
  f32: 4,
  f64: 8,
  texts: 1,
};

/** Bytes of an entry. */
export const widthOf = (content: Content): 1 | 2 | 4 | 8 => WIDTHS[content];

/** Unsigned integers of so many bytes. */
export const unsignedContent = (width: 1 | 2 | 4): Content =>
  width === 1 ? 'u8' : width === 2 ? 'u16' : 'u32';

export type Unsigned = Uint8Array | Uint16Array | Uint32Array;

/** Bytes as unsigned integers of `width` bytes, and those of 8 as pairs of 4, low word first. */
export function unsignedView(bytes: Uint8Array, width: 1 | 2 | 4 | 8): Unsigned {
  const { buffer, byteOffset, length } = bytes;
  if (width === 1) return bytes;
  return width === 2
    ? new Uint16Array(buffer, byteOffset, length / 2)
    : new Uint32Array(buffer, byteOffset, length / 4);
}
