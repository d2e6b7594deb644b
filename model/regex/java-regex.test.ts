import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ResourceLimitError } from '../../core/index.js';
import { javaRegex, wholeJavaRegex } from './java-regex.js';

const find = (pattern: string, text: string): string | null =>
  javaRegex(pattern, 'pattern').exec(text)?.[0] ?? null;

test.each([
  // plain, dot and line ends
  ['a.c', 'xabcx', 'abc'],
  ['a.c', 'a\nc', null],
  ['a.c', 'a\u{1F600}c', 'a\u{1F600}c'],
  ['(?s)a.c', 'a\nc', 'a\nc'],
  ['b$', 'ab\n', 'b'],
  ['b$', 'ab\nc', null],
  ['(?m)b$', 'ab\nc', 'b'],
  ['(?m)^c', 'ab\nc', 'c'],
  ['^c', 'ab\nc', null],
  // a line break of two characters is one, and behind the last one no line begins
  ['b\r$', 'ab\r\n', null],
  ['b$', 'ab\r\n', 'b'],
  ['b\rZ', 'ab\r\n', null],
  ['(?m)b\r$', 'ab\r\nc', null],
  ['(?m)\r^\n', '\r\n', null],
  ['(?m)^$', '', null],
  ['(?m)\n^', 'a\n', null],
  ['\\Ab', 'ab', null],
  ['b\\z', 'ab\n', null],
  ['b\\Z', 'ab\n', 'b'],
  // flags
  ['(?i)ABC', 'xabcx', 'abc'],
  ['^(?i)abc', 'ABC', 'ABC'],
  ['(?i:abc)', 'ABC', 'ABC'],
  ['(?x) a b # comment', 'ab', 'ab'],
  ['(?im)^b', 'a\nB', 'B'],
  ['(?x)[a b#c\n - d]+', ' abcd', 'abcd'],
  ['(?x)[\\ ]', 'a ', ' '],
  // quoting and escapes
  ['\\Qa.b\\E', 'a.b', 'a.b'],
  ['\\Qa.b\\E', 'axb', null],
  ['\\Qa.b', 'a.b', 'a.b'],
  ['\\x41\\u0042\\x{1F600}\\0103', 'AB\u{1F600}C', 'AB\u{1F600}C'],
  ['a\\-b\\_\\/', 'a-b_/', 'a-b_/'],
  ['\\uD83D\\uDE00', '\u{1F600}', '\u{1F600}'],
  ['[\\uD83D\\uDE00-\\uD83D\\uDE02]', '\u{1F601}', '\u{1F601}'],
  ['\\p{javaWhitespace}', '\u00a0\x1c', '\x1c'],
  ['\\h\\R', '\t\r\n', '\t\r\n'],
  ['\\s', '\u00a0', null],
  ['\\d+', 'a12', '12'],
  ['}]', 'a}]', '}]'],
  // classes
  ['[a-c&&[b-d]]+', 'abcd', 'bc'],
  ['[a-z&&[^aeiou]]+', 'aeixyz', 'xyz'],
  ['[^a-z&&[^aeiou]]+', 'xa', 'a'],
  ['[a-c[x-z]]+', 'maxcm', 'axc'],
  ['[]a]+', 'x]a', ']a'],
  ['[a\\-z]+', '-', '-'],
  ['[a-]+', 'b-a', '-a'],
  ['[\\w&&[^\\d]]+', '12ab', 'ab'],
  ['[\\Q^]\\E]+', 'a^]', '^]'],
  ['[.*+(){}|/!]+', 'a.*+(){}|/!', '.*+(){}|/!'],
  ['\\p{Lower}+', 'ABcd', 'cd'],
  ['\\p{L}+', '1äö', 'äö'],
  ['\\pN+', 'a12', '12'],
  ['\\P{Alpha}+', 'ab12', '12'],
  ['\\p{IsLatin}+', '1é', 'é'],
  ['\\p{IsAlphabetic}+', '1é', 'é'],
  // groups and quantifiers
  ['(?<year>\\d{4})-\\k<year>', '2020-2020', '2020-2020'],
  ['(a)(b)\\2\\1', 'abba', 'abba'],
  ['(a)\\11', 'aa1', 'aa1'],
  ['a{2,3}?', 'aaa', 'aa'],
  ['(?=ab)+a', 'ab', 'a'],
  ['(?<=a)b', 'ab', 'b'],
  ['^*a', 'a', 'a'],
  // a group that took no part is not even the empty text
  ['(a)?\\1b', 'b', null],
  ['(?:(a)|b)*\\1c', 'abac', 'abac'],
  ['(a\\1?){2}', 'aaa', 'aaa'],
])('%s finds in %j', (pattern, text, expected) => {
  expect(find(pattern, text)).toBe(expected);
});

test.each([
  ['a++', 'possessive'],
  ['a{2}+', 'possessive'],
  ['(?>a)', 'atomic'],
  ['a(?i)b', 'whole pattern'],
  ['(a(?i))b(?i)c', 'whole pattern'],
  ['(?i:a)b', 'whole pattern'],
  ['a{', 'must be written \\{'],
  ['*a', 'nothing to repeat'],
  ['(a', 'never closed'],
  ['a)', 'no opening'],
  ['[a', 'never closed'],
  ['\\', 'backslash'],
  ['\\y', 'unknown escape'],
  ['\\p{Nonsense}', 'unknown property'],
  ['\\G', 'not supported'],
  ['(?d)a', 'inline flag d'],
  ['a{2,1}', 'counts backwards'],
  ['((a{1000}){1000}){1000}', 'more than 100000 parts'],
  ['a{0,2000000000}', 'more than 100000 parts'],
  ['('.repeat(100_000), 'nested more than 250 deep'],
  ['['.repeat(100_000), 'nested more than 100 deep'],
  ['\\k<nobody>', 'cannot be used'],
  ['[z-a]', 'cannot be used'],
  ['(?<a>x)|(?<a>y)', 'two groups are named a'],
  ['\\p{RGI_Emoji}', 'unknown property'],
])('%s is refused: %s', (pattern, reason) => {
  expect(() => javaRegex(pattern, 'filter.pattern')).toThrow(reason);
  expect(() => javaRegex(pattern, 'filter.pattern')).toThrow('filter.pattern');
});

test('any text, quoted, finds itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(!text.includes('\\E'));
      const escaped = [...text].map((c) => (/[a-zA-Z0-9]/.test(c) ? c : `\\${c}`)).join('');
      expect(find(`\\A\\Q${text}\\E\\z`, text)).toBe(text);
      expect(find(`\\A${escaped}\\z`, text)).toBe(text);
    }),
  );
});

test('one member of a class, escaped, matches itself and not others', () => {
  const printable = fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(printable, printable, (member, other) => {
      const source = /[a-zA-Z0-9]/.test(member) ? member : `\\${member}`;
      expect(find(`[${source}]`, other)).toBe(member === other ? other : null);
    }),
  );
});

test('a whole pattern matches all of a text or nothing', () => {
  const regex = wholeJavaRegex('a|ab|(?x)c # comment', 'pattern');
  expect(['a', 'ab', 'c', 'abc', 'a\n'].map((text) => regex.test(text))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

// The pattern is one that V8 is never given.
test('matches, groups and replacements are the same by our own matcher as by V8', () => {
  const pattern = '(?<word>(?:[a-z]+\\d?)+)(=)?';
  const text = 'ab1c=de fg,h=\u{1F600}i';
  const own = javaRegex(pattern, 'pattern');
  const theirs = new RegExp(pattern, 'vg');
  const plain = (matches: Iterable<RegExpExecArray>) =>
    Array.from(matches, (match) => [match.index, match.input, [...match], { ...match.groups }]);
  expect(plain(own.matches(text))).toEqual(plain(text.matchAll(theirs)));
  expect(own.exec(text)).toMatchObject({ 0: 'ab1c=', 1: 'ab1c', 2: '=', index: 0 });
  expect(own.exec('1')).toBeNull();
  expect(own.replaceAll(text, ([all]) => `<${all}>`)).toBe(text.replace(theirs, '<$&>'));
  expect(own.groupCount).toBe(2);
});

test.each([
  ['(?:(a)|(b))*', 'ab', ['ab', 'a', 'b']],
  ['(a?)*', 'aa', ['aa', '']],
  ['(a*)*', 'b', ['', '']],
  ['(?:(a)|b)*?c', 'abc', ['abc', 'a']],
  ['(a)|b', 'b', ['b', undefined]],
])('groups of %s in %j: the last that they matched', (pattern, text, expected) => {
  expect([...javaRegex(pattern, 'pattern').exec(text)!]).toEqual(expected);
});

test('empty matches go on by one character', () => {
  const text = 'a\u{1F600}b';
  const own = javaRegex('(?:x*)*', 'pattern');
  expect(Array.from(own.matches(text), ({ index }) => index)).toEqual([0, 1, 3, 4]);
});

test('what takes too many steps names the pattern and the remedy', () => {
  const regex = javaRegex('^(a*)*\\1b', 'pattern');
  const text = `${'a'.repeat(5_000)}!`;
  expect(() => regex.test(text)).toThrow(ResourceLimitError);
  expect(() => regex.test(text)).toThrow(
    /regular expression "\^\(a\*\)\*\\\\1b".*write it without back-references/,
  );
});
