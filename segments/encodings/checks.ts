import type { ColumnEntry } from '../format/directory.js';
import { nullBitmapBytes } from '../null-bitmap.js';

/** What a directory entry must say: the length of every block but `nulls`; null means any length. */
export type ExpectedBlocks = Readonly<Record<string, number | null>>;

/** Compares the blocks of an entry with what its encoding needs; null when they fit. */
export function checkBlocks(
  entry: ColumnEntry,
  rowCount: number,
  expected: ExpectedBlocks,
  nulls: 'may have nulls' | 'no null bitmap' = 'no null bitmap',
): string | null {
  const wanted = new Map(Object.entries(expected));
  if (nulls === 'may have nulls' && entry.stats.hasNulls) {
    wanted.set('nulls', nullBitmapBytes(rowCount));
  }
  for (const block of entry.blocks) {
    const length = wanted.get(block.name);
    if (length === undefined) return `block "${block.name}" is not wanted or is there twice`;
    if (length !== null && length !== block.length) {
      return `block "${block.name}" has ${block.length} bytes, want ${length}`;
    }
    wanted.delete(block.name);
  }
  const [missing] = wanted.keys();
  return missing === undefined ? null : `block "${missing}" is missing`;
}

/** A count among the parameters; null when it is not one. */
export function countParameter(entry: ColumnEntry, name: string): number | null {
  const value = entry.parameters[name];
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32
    ? value
    : null;
}

/** Bytes of an unsigned integer. */
export type Width = 1 | 2 | 4;

export function widthParameter(entry: ColumnEntry): Width | null {
  const { width } = entry.parameters;
  return width === 1 || width === 2 || width === 4 ? width : null;
}

/** The narrowest width that holds 0 … max. */
export function widthFor(max: number): Width {
  return max < 2 ** 8 ? 1 : max < 2 ** 16 ? 2 : 4;
}

/** Room for unsigned integers of `width` bytes. */
export function unsignedArray(
  width: Width,
  length: number,
): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return new Uint8Array(length);
  return width === 2 ? new Uint16Array(length) : new Uint32Array(length);
}

/** Unsigned integers in `width` bytes each. */
export function narrow(values: Uint8Array | Uint16Array | Uint32Array, width: Width): Uint8Array {
  if (values.BYTES_PER_ELEMENT === width) return bytesOf(values);
  const array = unsignedArray(width, values.length);
  array.set(values);
  return bytesOf(array);
}

/** The bytes under a typed array. */
export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** The null bitmap of a vector as a block, where it has one. */
export function writeNulls(
  nulls: Uint8Array | null,
  sink: { block(name: string, chunks: Iterable<Uint8Array>): void },
): void {
  if (nulls !== null) sink.block('nulls', [nulls]);
}
