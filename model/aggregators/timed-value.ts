import type { Long } from '../../core/index.js';
import type { Scalar } from '../types.js';

/** A value and the time it was seen at: the state of the first and last aggregators, in Druid's field names. */
export interface TimedValue {
  readonly lhs: Long;
  readonly rhs: Scalar;
}

/** Cuts a text to at most so many UTF-8 bytes, never inside a character. */
export function truncateUtf8(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
