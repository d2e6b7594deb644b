/**
 * A hash of sorted items, 16 bits: which of neighbours goes on is decided by it where no chance is given, so that equal input gives
 * equal bytes and errors of many sketches do not add up. Of `FEW` items here and there, and of the `turn`, which is another
 * one at every decision of a sketch: where there are few different items, these alone would always decide alike.
 */
export function hashOfItems(
  items: Float64Array,
  turn: number,
  start = 0,
  end = items.length,
): number {
  const step = Math.max(1, (end - start) / FEW);
  let hash = Math.imul(turn, 0x9e3779b1) ^ Math.floor(turn / 2 ** 32);
  for (let at = start + step / 2; at < end; at += step) {
    DOUBLE[0] = items[Math.floor(at)]!;
    hash = Math.imul(hash ^ WORDS[0]! ^ (hash >>> 15), 0x85ebca6b);
    hash = Math.imul(hash ^ WORDS[1]! ^ (hash >>> 13), 0xc2b2ae35);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x9e3779b1);
  return ((hash ^ (hash >>> 15)) >>> 8) & 0xffff;
}

const FEW = 8;
const DOUBLE = new Float64Array(1);
const WORDS = new Uint32Array(DOUBLE.buffer);
