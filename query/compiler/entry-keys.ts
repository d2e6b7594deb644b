import type { Value } from '../../model/index.js';
import type { KeyPart } from './keys.js';
import type { Layout } from './layout.js';
import { longAt } from './long-at.js';
import {
  type CodePlace,
  callWordOffset,
  codePlace,
  codeReader,
  wordOffset,
} from './output-keys.js';

/** Reads one dimension of groups by the addresses of their entries. */
export interface EntryKey {
  readonly value: (at: number) => Value;
  /** The natural order of values, where it is the order of what stands in the entry. */
  readonly order: ((a: number, b: number) => number) | null;
  /** Where in the entry the value's 64 bits are, if it is a number and never null. */
  readonly offset: number | null;
  /** The codes that stand for values, which ascend in their order if there is one. */
  readonly codes: EntryCodes | null;
}

export interface EntryCodes {
  readonly place: CodePlace;
  readonly value: (code: number) => Value;
}

export function entryKey(key: KeyPart, part: number, layout: Layout, view: DataView): EntryKey {
  switch (key.kind) {
    case 'constant':
      return { value: () => key.value, order: () => 0, offset: null, codes: null };
    case 'call':
      return longKey(view, callWordOffset(layout, (layout.callKeys.hasBuckets ? 1 : 0) + key.part));
    case 'number': {
      const offset = wordOffset(part, layout);
      const { type, valid } = key.num;
      const isNumber = key.shows === 'number';
      if (isNumber && type === 'LONG' && valid === null) return longKey(view, offset);
      const isValid = valid === null ? () => 1 : codeReader(part, layout);
      const read = type === 'LONG' ? longAt : doubleAt;
      const number = (at: number) => (isValid(view, at, 0) === 0 ? null : read(view, at + offset));
      return {
        value: isNumber ? number : (at) => key.value(number(at)),
        order: null,
        offset: isNumber && valid === null ? offset : null,
        codes: null,
      };
    }
    default: {
      const place = codePlace(part, layout)!;
      const read = codeReader(part, layout);
      const code = (at: number): number => read(view, at, 0);
      const isSorted = key.kind === 'codes' && key.isSorted;
      return {
        value: (at) => key.value(code(at)),
        order: isSorted ? (a, b) => code(a) - code(b) : null,
        offset: null,
        codes: { place, value: key.value },
      };
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
  offset,
  codes: null,
});
