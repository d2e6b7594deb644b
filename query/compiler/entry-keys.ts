import type { Value } from '../../model/index.js';
import type { KeyPart } from './keys.js';
import type { Layout } from './layout.js';
import { longAt } from './long-at.js';
import { callWordOffset, codeReader, wordOffset } from './output-keys.js';

/** Reads one dimension of groups by the addresses of their entries. */
export interface EntryKey {
  readonly value: (at: number) => Value;
  /** The natural order of values, where it is the order of what stands in the entry. */
  readonly order: ((a: number, b: number) => number) | null;
}

export function entryKey(key: KeyPart, part: number, layout: Layout, view: DataView): EntryKey {
  switch (key.kind) {
    case 'constant':
      return { value: () => key.value, order: () => 0 };
    case 'call':
      return longKey(view, callWordOffset(layout, (layout.callKeys.hasBuckets ? 1 : 0) + key.part));
    case 'number': {
      const offset = wordOffset(part, layout);
      const { type, valid } = key.num;
      if (type === 'LONG' && valid === null) return longKey(view, offset);
      const isValid = valid === null ? () => 1 : codeReader(part, layout);
      const read = type === 'LONG' ? longAt : doubleAt;
      return {
        value: (at) => (isValid(view, at, 0) === 0 ? null : read(view, at + offset)),
        order: null,
      };
    }
    default: {
      const code = codeReader(part, layout);
      const value = (at: number): Value => key.value(code(view, at, 0));
      const isSorted = key.kind === 'codes' && key.isSorted;
      return { value, order: isSorted ? (a, b) => code(view, a, 0) - code(view, b, 0) : null };
    }
  }
}

const doubleAt = (view: DataView, at: number): number => view.getFloat64(at, true);

/** Compares words: most numbers that do not fit a double are never made. */
const longKey = (view: DataView, offset: number): EntryKey => ({
  value: (at) => longAt(view, at + offset),
  order(a, b) {
    const high = view.getInt32(a + offset + 4, true) - view.getInt32(b + offset + 4, true);
    return high || view.getUint32(a + offset, true) - view.getUint32(b + offset, true);
  },
});
