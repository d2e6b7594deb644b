import type { SealInput } from './input.js';
import { compareKeys, type KeyPart } from './sort-key.js';

/**
 * The rows of one input in the order of their keys, equal ones in their own order; null when they
 * already lie so, as those of files mostly do.
 *
 * Counting sort, least significant digit first (LSD radix sort): a pass per digit of every word,
 * none for digits in which all rows agree. Needs 16 bytes a row besides.
 */
export function sortRows(input: SealInput, parts: readonly KeyPart[]): Uint32Array | null {
  if (isSorted(input, parts)) return null;
  const { rowCount } = input.segment;
  let order = Uint32Array.from({ length: rowCount }, (_, row) => row);
  let spare = new Uint32Array(rowCount);
  const digitBits = rowCount < 1 << 14 ? 8 : 16;
  for (const part of parts.toReversed()) {
    for (const words of wordsOf(input, part).toReversed()) {
      for (let shift = 0; shift < 32; shift += digitBits) {
        if (!countingSort(order, spare, words, shift, digitBits)) continue;
        [order, spare] = [spare, order];
      }
    }
  }
  return order;
}

function isSorted({ segment, cursor }: SealInput, parts: readonly KeyPart[]): boolean {
  const width = parts.reduce((sum, part) => sum + part.words, 0);
  const keys = new Uint32Array(2 * width);
  for (let row = 0; row < segment.rowCount; row++) {
    cursor.row = row;
    const here = (row & 1) * width;
    writeKey(parts, keys, here);
    if (row > 0 && compareKeys(keys, width - here, keys, here, width) > 0) return false;
  }
  return true;
}

/** Writes the whole key of the row that the cursor stands on. */
export function writeKey(parts: readonly KeyPart[], keys: Uint32Array, at: number): void {
  let to = at;
  for (const part of parts) {
    part.write(keys, to);
    to += part.words;
  }
}

/** Each word of a key part for all rows. */
function wordsOf({ segment, cursor }: SealInput, part: KeyPart): Uint32Array[] {
  const { rowCount } = segment;
  const columns = Array.from({ length: part.words }, () => new Uint32Array(rowCount));
  const key = new Uint32Array(part.words);
  for (let row = 0; row < rowCount; row++) {
    cursor.row = row;
    part.write(key, 0);
    for (let w = 0; w < key.length; w++) columns[w]![row] = key[w]!;
  }
  return columns;
}

/** One stable pass from `order` to `target`; false, with nothing written, when all rows have one digit. */
function countingSort(
  order: Uint32Array,
  target: Uint32Array,
  words: Uint32Array,
  shift: number,
  digitBits: number,
): boolean {
  const mask = 2 ** digitBits - 1;
  const starts = new Uint32Array(mask + 2);
  for (let i = 0; i < words.length; i++) starts[((words[i]! >>> shift) & mask) + 1]!++;
  if (starts[((words[0]! >>> shift) & mask) + 1] === words.length) return false;
  for (let digit = 0; digit <= mask; digit++) starts[digit + 1]! += starts[digit]!;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    target[starts[(words[row]! >>> shift) & mask]!++] = row;
  }
  return true;
}
