import type { WrittenIndex } from './types.js';

/** A count among the parameters of an index; null when it is not one. */
export function countOf({ parameters }: WrittenIndex, name: string): number | null {
  const value = parameters[name];
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32
    ? value
    : null;
}

/** What is wrong with the blocks of an index, each of which must have so many bytes; null when nothing is. */
export function checkLengths(
  { blocks }: WrittenIndex,
  lengths: Readonly<Record<string, number>>,
): string | null {
  for (const [name, length] of Object.entries(lengths)) {
    const found = blocks.find((block) => block.name === name)?.length;
    if (found !== length) return `block "${name}" has ${found ?? 'no'} bytes, want ${length}`;
  }
  return null;
}

/** The words of a block, where they lie. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
}

/** The bytes under a typed array. */
export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
