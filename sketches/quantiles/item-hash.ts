/**
 * A hash of all bits of sorted items, 32 bits: which of neighbours goes on is decided by them where no chance is given, so that equal
 * input gives equal bytes and errors of many sketches do not add up.
 */
export function hashOfItems(items: Float64Array, start = 0, end = items.length): number {
  const words = new Uint32Array(items.buffer, items.byteOffset + 8 * start, 2 * (end - start));
  let hash = 0;
  for (let i = 0; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b);
  return hash >>> 16;
}
