import { type Random, utf8Encode } from '../../core/index.js';

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
 * A directory name for a data source: the UTF-8 bytes, those that are not plain as `%xx`. Different
 * data sources have different names; a name too long for a file system goes on in a directory below.
 */
export function directoryName(dataSource: string): string {
  let name = '';
  for (const byte of utf8Encode(dataSource)) {
    const character = String.fromCharCode(byte);
    name += PLAIN.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  const parts: string[] = [];
  for (let at = 0; at < name.length; at += MAX_NAME_LENGTH) {
    parts.push(name.slice(at, at + MAX_NAME_LENGTH));
  }
  return parts.join('/');
}
