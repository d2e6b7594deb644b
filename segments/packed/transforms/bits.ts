import { CorruptBytesError } from '../../../core/index.js';
import { type Unsigned, unsignedView, widthOf } from '../../encodings/content.js';
import { wrongSize } from './planes.js';
import type { Transform } from './transform.js';

/** Beyond it a word of 32 bits does not take an entry and what is left of the last byte. */
const MAX_BITS = 24;

/**
 * Unsigned integers in as many bits as the largest needs, one behind the other, the lowest bit first.
 *
 *     0    1    bits b of an entry, 0 to 24
 *     1    n    ceil(entries × b / 8) bytes; bits that are left over are 0
 */
export const bits: Transform = {
  name: 'bits',
  suits: (content) => content === 'u8' || content === 'u16' || content === 'u32',

  apply({ content, bytes }) {
    const width = widthOf(content);
    const entries = unsignedView(bytes, width);
    let largest = 0;
    for (let i = 0; i < entries.length; i++) if (entries[i]! > largest) largest = entries[i]!;
    const size = 32 - Math.clz32(largest);
    if (size > MAX_BITS || size === 8 * width) return null;
    const packed = new Uint8Array(1 + Math.ceil((entries.length * size) / 8));
    packed[0] = size;
    pack(entries, size, packed);
    return packed;
  },

  undo(packed, { content, bytes }) {
    const entries = unsignedView(bytes, widthOf(content));
    const size = packed[0] ?? MAX_BITS + 1;
    if (size > MAX_BITS) throw new CorruptBytesError(0, `entries of ${size} bits`);
    if (packed.length !== 1 + Math.ceil((entries.length * size) / 8)) {
      throw wrongSize(packed.length, bytes.length);
    }
    unpack(packed, size, entries);
  },
};

function pack(entries: Unsigned, size: number, packed: Uint8Array): void {
  let to = 1;
  let held = 0;
  let heldBits = 0;
  for (let i = 0; i < entries.length; i++) {
    held |= entries[i]! << heldBits;
    for (heldBits += size; heldBits >= 8; heldBits -= 8) {
      packed[to++] = held;
      held >>>= 8;
    }
  }
  if (heldBits > 0) packed[to] = held;
}

function unpack(packed: Uint8Array, size: number, entries: Unsigned): void {
  const mask = 2 ** size - 1;
  let from = 1;
  let held = 0;
  let heldBits = 0;
  for (let i = 0; i < entries.length; i++) {
    for (; heldBits < size; heldBits += 8) held |= packed[from++]! << heldBits;
    entries[i] = held & mask;
    held >>>= size;
    heldBits -= size;
  }
}
