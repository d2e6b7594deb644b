/** Words of a bit per row. */
export const bitWords = (rowCount: number): number => Math.ceil(rowCount / 32);

/** Sets the bits of rows [from, to), as far as there are words for them. */
export function setBits(bits: Uint32Array, from: number, to: number): void {
  if (from >= to) return;
  const first = from >>> 5;
  const last = (to - 1) >>> 5;
  const head = -1 << (from & 31);
  const tail = -1 >>> (31 - ((to - 1) & 31));
  if (first === last) {
    bits[first]! |= head & tail;
    return;
  }
  bits[first]! |= head;
  bits.fill(0xffffffff, first + 1, last);
  bits[last]! |= tail;
}

/** Clears what stands in the last word from the row count on. */
export function clearTail(bits: Uint32Array, rowCount: number): void {
  if ((rowCount & 31) !== 0) bits[rowCount >>> 5]! &= -1 >>> (32 - (rowCount & 31));
}

/** How many bits are set. */
export function countBits(bits: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < bits.length; i++) count += countWord(bits[i]!);
  return count;
}

/** Of one word: pairs, nibbles and bytes are added side by side (Warren, "Hacker's Delight", 5-1). */
function countWord(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The rows in [from, to) whose bits are set, ascending. */
export function rowsOfBits(bits: Uint32Array, from: number, to: number): Uint32Array {
  const firstWord = from >>> 5;
  const endWord = Math.min(bitWords(to), bits.length);
  if (firstWord >= endWord || from >= to) return new Uint32Array(0);
  const words = bits.subarray(firstWord, endWord);
  const rows = new Uint32Array(countBits(words));
  let count = 0;
  for (let i = 0; i < words.length; i++) {
    let word = words[i]!;
    const base = (firstWord + i) * 32;
    while (word !== 0) {
      const row = base + 31 - Math.clz32(word & -word);
      word &= word - 1;
      if (row >= from && row < to) rows[count++] = row;
    }
  }
  return rows.subarray(0, count);
}
