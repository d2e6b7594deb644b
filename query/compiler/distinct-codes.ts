/** Codes in their order, each of them once. */
export function distinctCodes(codes: Uint32Array): Uint32Array {
  const sorted = codes.slice().sort();
  let count = 0;
  for (const code of sorted) {
    if (count === 0 || code !== sorted[count - 1]) sorted[count++] = code;
  }
  return sorted.slice(0, count);
}

/** Where a code is among distinct ones that hold it. A million of them are found sooner so than in a Map, which has to be built first. */
export function placeOfCode(distinct: Uint32Array, code: number): number {
  let low = 0;
  let high = distinct.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (distinct[middle]! < code) low = middle + 1;
    else high = middle;
  }
  return low;
}
