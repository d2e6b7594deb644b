/**
 * Unpacks an LZ4 block: sequences of a token (two lengths of 4 bits, each going on in further bytes while they are 255), literals,
 * and a match: its distance in 2 bytes. Throws RangeError for bytes that are none and for more than `maxBytes`.
 */
export function unlz4Block(block: Uint8Array, maxBytes: number): Uint8Array {
  let bytes = new Uint8Array(Math.min(maxBytes, Math.max(1024, block.length * 4)));
  let size = 0;
  let at = 0;
  const reserve = (count: number): void => {
    if (size + count > maxBytes) throw new RangeError('an LZ4 block is larger than it may be');
    if (size + count <= bytes.length) return;
    const larger = new Uint8Array(Math.min(maxBytes, Math.max(bytes.length * 2, size + count)));
    larger.set(bytes.subarray(0, size));
    bytes = larger;
  };
  const length = (first: number): number => {
    let sum = first;
    if (first !== 15) return sum;
    for (;;) {
      const more = block[at++];
      if (more === undefined) throw new RangeError('an LZ4 block ends too early');
      sum += more;
      if (more !== 255) return sum;
    }
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = length(token >> 4);
    if (literals > block.length - at) throw new RangeError('an LZ4 block ends too early');
    reserve(literals);
    bytes.set(block.subarray(at, at + literals), size);
    size += literals;
    at += literals;
    // The last sequence has no match.
    if (at === block.length) break;
    if (at + 2 > block.length) throw new RangeError('an LZ4 block ends too early');
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    if (distance === 0 || distance > size) throw new RangeError('a match reaches too far back');
    const matched = length(token & 15) + 4;
    reserve(matched);
    for (let i = 0; i < matched; i++, size++) bytes[size] = bytes[size - distance]!;
  }
  return bytes.subarray(0, size);
}
