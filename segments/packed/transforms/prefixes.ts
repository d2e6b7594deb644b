import { CorruptBytesError } from '../../../core/index.js';
import { wrongSize } from './planes.js';
import type { PlainPage, Transform } from './transform.js';

const MAX_SHARED = 255;

/**
 * Texts in order, without what each shares with the one before it (front coding). A page begins anew; where it cuts a
 * text, both parts count as texts.
 *
 *     0    t    by text: how many bytes it shares, u8, no more than 255
 *     t    n    the other bytes of all texts, one after another
 */
export const prefixes: Transform = {
  name: 'prefixes',
  suits: (content) => content === 'texts',

  apply({ bytes, cuts }) {
    const packed = new Uint8Array(cuts.length + 1 + bytes.length);
    let to = cuts.length + 1;
    let previous = 0;
    let start = 0;
    for (let i = 0; i <= cuts.length; i++) {
      const end = cuts[i] ?? bytes.length;
      const shared = sharedBytes(bytes, previous, start, end);
      packed[i] = shared;
      packed.set(bytes.subarray(start + shared, end), to);
      to += end - start - shared;
      previous = start;
      start = end;
    }
    return packed.slice(0, to);
  },

  undo(packed: Uint8Array, { bytes, cuts }: PlainPage): void {
    if (packed.length <= cuts.length) throw wrongSize(packed.length, bytes.length);
    let from = cuts.length + 1;
    let previous = 0;
    let start = 0;
    for (let i = 0; i <= cuts.length; i++) {
      const end = cuts[i] ?? bytes.length;
      const shared = packed[i]!;
      const isTooLong = shared > start - previous || shared > end - start;
      if (isTooLong) throw new CorruptBytesError(i, `text ${i} does not share ${shared} bytes`);
      const own = end - start - shared;
      if (from + own > packed.length) throw wrongSize(packed.length, bytes.length);
      bytes.copyWithin(start, previous, previous + shared);
      for (let k = 0; k < own; k++) bytes[start + shared + k] = packed[from + k]!;
      from += own;
      previous = start;
      start = end;
    }
    if (from !== packed.length) throw wrongSize(packed.length, bytes.length);
  },
};

/** Of the text at [start, end) with the one before it, which begins at `previous`. */
function sharedBytes(bytes: Uint8Array, previous: number, start: number, end: number): number {
  const most = Math.min(MAX_SHARED, start - previous, end - start);
  let shared = 0;
  while (shared < most && bytes[previous + shared] === bytes[start + shared]) shared++;
  return shared;
}
