import { isUtf8 } from 'node:buffer';
import { utf8Decode } from '../../../core/index.js';
import type { PushFormat } from '../types.js';
import type { RawRow } from './body.js';

/** What a dead letter keeps of a row, in bytes as they came. */
const MAX_LETTER_BYTES = 64 * 1024;

/** The bytes of a row for its letter: as text where they are UTF-8, else as base64. */
export function rawRow(format: PushFormat, bytes: Uint8Array): RawRow {
  const truncated = bytes.length > MAX_LETTER_BYTES;
  const whole = truncated ? bytes.subarray(0, characterEnd(bytes, MAX_LETTER_BYTES)) : bytes;
  if (isUtf8(whole)) return { format, encoding: 'utf8', text: utf8Decode(whole), truncated };
  const kept = bytes.subarray(0, MAX_LETTER_BYTES);
  return { format, encoding: 'base64', text: Buffer.from(kept).toString('base64'), truncated };
}

/** The bytes that a letter's text stands for. */
export const rawBytes = (text: string, encoding: RawRow['encoding']): Uint8Array =>
  Buffer.from(text, encoding);

/** The last position up to `end` that is not inside of a character of UTF-8. */
function characterEnd(bytes: Uint8Array, end: number): number {
  let at = end;
  while (at > end - 3 && (bytes[at]! & 0xc0) === 0x80) at--;
  return at;
}
