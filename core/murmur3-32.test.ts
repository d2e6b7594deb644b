import { expect, test } from 'vitest';
import { murmur3Word } from './murmur3-32.js';
import { utf8Encode } from './text.js';

// As the reference implementation (SMHasher) gives them, and Guava's tests repeat.
test.each([
  ['', 0],
  ['a', 0x3c2569b2],
  ['ab', 0x9bbfd75f],
  ['abc', 0xb3dd93fa],
  ['test', 0xba6bd213],
  ['Hello, world!', 0xc0363e43],
  ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
])('murmur3Word of %j', (text, expected) => {
  const bytes = utf8Encode(`__${text}__`);
  expect(murmur3Word(utf8Encode(text)) >>> 0).toBe(expected);
  expect(murmur3Word(bytes, 2, bytes.length - 2) >>> 0).toBe(expected);
});
