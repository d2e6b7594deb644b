import { MOST, sortKernel } from './sort-kernel/sort-kernel.js';

/** Sorts as `Float64Array.prototype.sort` does, where there is no NaN: -0 comes before 0. */
export function sortDoubles(numbers: Float64Array): Float64Array {
  const { length } = numbers;
  if (length < FEW) return numbers.sort();
  const sorted = length > MOST ? null : sortedByKernel(numbers);
  if (sorted === null) sortWords(numbers);
  else numbers.set(sorted);
  return numbers;
}

/** Of as many it takes longer to call anybody else. */
const FEW = 32;

/** Null where there is a -0. */
function sortedByKernel(numbers: Float64Array): Float64Array | null {
  const { items, sorted } = sortKernel();
  const { length } = numbers;
  const count = 2 ** (32 - Math.clz32(length - 1));
  items.set(numbers);
  items.fill(Number.POSITIVE_INFINITY, length, count);
  const all = sorted(count);
  return all === null || count === length ? all : all.subarray(0, length);
}

/**
 * V8 compares 64-bit integers faster than doubles, which have three cases; the bits of a double are in its order once those
 * of a negative one are turned around, all but the sign.
 */
function sortWords({ buffer, byteOffset, length }: Float64Array): void {
  const words = new Int32Array(buffer, byteOffset, 2 * length);
  turnNegatives(words);
  new BigInt64Array(buffer, byteOffset, length).sort();
  turnNegatives(words);
}

/** Its own inverse. */
function turnNegatives(words: Int32Array): void {
  for (let high = 1; high < words.length; high += 2) {
    if (words[high]! >= 0) continue;
    words[high] = words[high]! ^ 0x7fffffff;
    words[high - 1] = ~words[high - 1]!;
  }
}
