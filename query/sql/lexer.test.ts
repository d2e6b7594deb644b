import { expect, test } from 'vitest';
import { tokenise } from './lexer.js';

const shown = (text: string): string =>
  tokenise(text)
    .map(
      ({ kind, text: value, position }) => `${kind} ${value} ${position.line}:${position.column}`,
    )
    .join(' | ');

test.each([
  { text: '', expected: 'end  1:1' },
  { text: 'a "b""c"', expected: 'word a 1:1 | quoted b"c 1:3 | end  1:9' },
  { text: "'it''s' U&'\\00F6'", expected: "string it's 1:1 | string ö 1:9 | end  1:18" },
  {
    text: '1 1.5 1e3 .5',
    expected: 'integer 1 1:1 | decimal 1.5 1:3 | double 1e3 1:7 | decimal .5 1:11 | end  1:13',
  },
  {
    text: 'a<>b||?',
    expected:
      'word a 1:1 | symbol <> 1:2 | word b 1:4 | symbol || 1:5 | parameter ? 1:7 | end  1:8',
  },
  { text: '-- one\n /* two\n */ x', expected: 'word x 3:5 | end  3:6' },
])('tokens of $text', ({ text, expected }) => {
  expect(shown(text)).toBe(expected);
});

test.each([
  { text: "a 'b", message: "The string that starts here has no closing ' (line [1], column [3])" },
  {
    text: 'a\n"b',
    message: 'The quoted identifier that starts here has no closing " (line [2], column [1])',
  },
  { text: 'a # b', message: 'Lexical error: unexpected character [#] (line [1], column [3])' },
])('$text is no SQL', ({ text, message }) => {
  expect(() => tokenise(text)).toThrow(message);
});
