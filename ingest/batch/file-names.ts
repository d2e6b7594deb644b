import { type Random, sha256Hex, utf8Encode } from '../../core/index.js';

/** 128 random bits in hexadecimal: a name that was never used before. */
export function randomHex(random: Random): string {
  const word = () => random.nextUint32().toString(16).padStart(8, '0');
  return word() + word() + word() + word();
}

/** Bytes that stand for themselves in a file name, on file systems that ignore case too. */
const PLAIN = /[a-z0-9_-]/;

/** File names have 255 bytes at most. */
const MAX_NAME_LENGTH = 240;

/**
 * A directory name for a data source: the UTF-8 bytes, those that are not plain as `%xx`. Of a name
 * too long for a file system only the beginning, with `~` and the SHA-256 of the name. Different data
 * sources have different names.
 */
export function directoryName(dataSource: string): string {
  const bytes = utf8Encode(dataSource);
  let name = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    name += PLAIN.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  if (name.length <= MAX_NAME_LENGTH) return name;
  return `${name.slice(0, MAX_NAME_LENGTH - 65)}~${sha256Hex(bytes)}`;
}
