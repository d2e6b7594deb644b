import { type Unsigned, unsignedView, widthOf } from '../../encodings/content.js';
import { fromPlanes, toPlanes } from './planes.js';
import type { Transform } from './transform.js';

/**
 * Each entry less the one before it (the first: less 0), modulo 2^bits, so many times over, then by planes. Sorted entries
 * are small once, those at a steady pace nothing after the second time. Numbers with a fraction are taken as the integers of their bits.
 */
function differences(name: string, times: 0 | 1 | 2): Transform {
  return {
    name,
    suits: (content) => content !== 'texts' && (times > 0 || content !== 'u8'),

    apply({ content, bytes }) {
      const width = widthOf(content);
      const entries = bytes.slice();
      for (let i = 0; i < times; i++) subtract(entries, width);
      return toPlanes(entries, width);
    },

    undo(packed, { content, bytes }) {
      const width = widthOf(content);
      fromPlanes(packed, bytes, width);
      for (let i = 0; i < times; i++) add(bytes, width);
    },
  };
}

export const planes = differences('planes', 0);
export const deltas = differences('deltas', 1);
export const deltasOfDeltas = differences('deltas2', 2);

function subtract(bytes: Uint8Array, width: 1 | 2 | 4 | 8): void {
  const entries = unsignedView(bytes, width);
  if (width === 8) subtractLongs(entries);
  else for (let i = entries.length - 1; i > 0; i--) entries[i] = entries[i]! - entries[i - 1]!;
}

function add(bytes: Uint8Array, width: 1 | 2 | 4 | 8): void {
  const entries = unsignedView(bytes, width);
  if (width === 8) addLongs(entries);
  else for (let i = 1; i < entries.length; i++) entries[i] = entries[i]! + entries[i - 1]!;
}

/** Two words an entry, low word first. */
function subtractLongs(words: Unsigned): void {
  for (let i = words.length - 2; i > 0; i -= 2) {
    const low = words[i]! - words[i - 2]!;
    words[i] = low;
    words[i + 1] = words[i + 1]! - words[i - 1]! - (low < 0 ? 1 : 0);
  }
}

function addLongs(words: Unsigned): void {
  for (let i = 2; i < words.length; i += 2) {
    const low = words[i]! + words[i - 2]!;
    words[i] = low;
    words[i + 1] = words[i + 1]! + words[i - 1]! + (low >= 2 ** 32 ? 1 : 0);
  }
}
