import { setBits } from './bits.js';
import type { RowSet } from './row-set.js';

/**
 * Sets the bits of the rows of a set that lie in [from, to): bit i of `bits`, which has room for them and no bit set, stands for row
 * `from + i`. `from` is a multiple of 32. False where there are none.
 */
export function setWindow(set: RowSet, from: number, to: number, bits: Uint32Array): boolean {
  if (from >= to) return false;
  switch (set.kind) {
    case 'rows':
      return setRows(set.rows, from, to, bits);
    case 'ranges':
      return setRanges(set.ranges, from, to, bits);
    case 'bits':
      return copyBits(set.bits, from, to, bits);
  }
}

/** The first place of an ascending list with a number from `value` on. */
export function firstFrom(list: Uint32Array, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function setRows(rows: Uint32Array, from: number, to: number, bits: Uint32Array): boolean {
  const first = firstFrom(rows, from);
  let i = first;
  for (; i < rows.length && rows[i]! < to; i++) {
    const at = rows[i]! - from;
    bits[at >>> 5]! |= 1 << (at & 31);
  }
  return i > first;
}

function setRanges(ranges: Uint32Array, from: number, to: number, bits: Uint32Array): boolean {
  let isAny = false;
  // The place of the first end behind `from`, or of a start: then the range before it may reach in.
  for (let i = firstFrom(ranges, from + 1) & ~1; i < ranges.length && ranges[i]! < to; i += 2) {
    setBits(bits, Math.max(from, ranges[i]!) - from, Math.min(to, ranges[i + 1]!) - from);
    isAny = true;
  }
  return isAny;
}

function copyBits(all: Uint32Array, from: number, to: number, bits: Uint32Array): boolean {
  const first = from >>> 5;
  const words = Math.min(all.length, (to + 31) >>> 5) - first;
  let any = 0;
  for (let i = 0; i < words; i++) {
    let word = all[first + i]!;
    const behind = from + 32 * (i + 1) - to;
    if (behind > 0) word &= -1 >>> behind;
    bits[i] = word;
    any |= word;
  }
  return any !== 0;
}
