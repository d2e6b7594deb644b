import type { LoadedColumn } from './loaded-column.js';

/** What the loaded blocks of a column hold that no writer writes; null when nothing. Good checksums do not tell. */
export type ContentFault = string | null;

/** What is wrong with offsets of pieces of a block of so many entries, one after another; null when they tell all of it. */
export function checkOffsets(offsets: Uint32Array, entries: number, name: string): ContentFault {
  let last = 0;
  for (let i = 0; i < offsets.length; i++) {
    const offset = offsets[i]!;
    if (offset < last) return `offset ${i} of block "${name}" is ${offset}, after ${last}`;
    last = offset;
  }
  const isWhole = offsets[0] === 0 && last === entries;
  return isWhole ? null : `block "${name}" tells of ${last} entries, there are ${entries}`;
}

/** Bits that a word has of all of its entries but for the highest one of each. */
const LOW_BITS = { 1: 0x7f7f7f7f, 2: 0x7fff7fff } as const;
const ONES = { 1: 0x01010101, 2: 0x00010001 } as const;

/** Null when none of the entries of a block, `width` bytes each, is above `most`. */
export function checkMost(
  column: LoadedColumn,
  name: string,
  width: 1 | 2 | 4,
  most: number,
): ContentFault {
  if (most >= 2 ** (8 * width) - 1) return null;
  const words = column.words(name);
  const isBelow = width === 4 ? areBelow(words, most) : arePartsBelow(words, width, most);
  return isBelow ? null : `block "${name}" has an entry above ${most}`;
}

function areBelow(words: Uint32Array, most: number): boolean {
  for (let i = 0; i < words.length; i++) if (words[i]! > most) return false;
  return true;
}

/**
 * Two or four entries at a time: what would carry an entry above `most` into its highest bit is added to the lower bits of
 * each (after Warren, "Hacker's Delight", 6-1). Behind the entries there are zeros, so the last word may be whole.
 */
function arePartsBelow(words: Uint32Array, width: 1 | 2, most: number): boolean {
  if (most < 0) return words.length === 0;
  const low = LOW_BITS[width];
  const half = 2 ** (8 * width - 1);
  const isLow = most < half;
  const gap = Math.imul(half - 1 - (isLow ? most : most - half), ONES[width]);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const carried = (word & low) + gap;
    const above = isLow ? carried | word : carried & word;
    if ((above & ~low) !== 0) return false;
  }
  return true;
}
