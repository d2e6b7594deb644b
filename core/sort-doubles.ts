/**
 * Sorts as `Float64Array.prototype.sort` does, where there is no NaN: -0 comes before 0. V8 compares 64-bit integers
 * faster than doubles, which have three cases; the bits of a double are in its order once those of a negative one
 * are turned around, all but the sign.
 */
export function sortDoubles(numbers: Float64Array): Float64Array {
  const { buffer, byteOffset, length } = numbers;
  if (length < FEW) return numbers.sort();
  const words = new Int32Array(buffer, byteOffset, 2 * length);
  turnNegatives(words);
  new BigInt64Array(buffer, byteOffset, length).sort();
  turnNegatives(words);
  return numbers;
}

/** Of as many it takes longer to make the views. */
const FEW = 32;

/** Its own inverse. */
function turnNegatives(words: Int32Array): void {
  for (let high = 1; high < words.length; high += 2) {
    if (words[high]! >= 0) continue;
    words[high] = words[high]! ^ 0x7fffffff;
    words[high - 1] = ~words[high - 1]!;
  }
}
