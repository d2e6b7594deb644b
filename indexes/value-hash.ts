import { type Long, murmur3Word, utf8Encode, writeLong } from '../core/index.js';
import { bytesOf } from './blocks.js';

const words = new Uint32Array(2);
const bytes = bytesOf(words);

/** MurmurHash3_x86_32 of the 8 bytes of a LONG, as an unsigned number. */
export function hashOfLong(value: Long): number {
  writeLong(words, 0, value);
  return murmur3Word(bytes) >>> 0;
}

/** The same of the UTF-8 of a text. */
export const hashOfText = (text: string): number => murmur3Word(utf8Encode(text)) >>> 0;
