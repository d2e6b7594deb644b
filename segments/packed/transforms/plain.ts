import { wrongSize } from './planes.js';
import type { Transform } from './transform.js';

/** Bytes as they are. */
export const plain: Transform = {
  name: 'plain',
  suits: () => true,
  apply: ({ bytes }) => bytes,

  undo(packed, { bytes }) {
    if (packed.length !== bytes.length) throw wrongSize(packed.length, bytes.length);
    bytes.set(packed);
  },
};
