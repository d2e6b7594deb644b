import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTextQuery, phraseText, type TextQuery, textMatcher } from './text-query.js';
import { wordList } from './words.js';

const finds = (search: string, text: string): boolean =>
  textMatcher(parseTextQuery(search, 'query'))(text);

test.each<[search: string, text: string, expected: boolean]>([
  ['disk', 'Disk full on /dev/sda1', true],
  ['dis', 'Disk full', false],
  ['dis*', 'Disk full', true],
  ['disk tape', 'the tape', true],
  ['disk AND tape', 'the tape', false],
  ['disk OR tape AND old', 'old disk', true],
  ['(disk OR tape) AND old', 'new disk', false],
  ['NOT disk', 'the tape', true],
  ['disk AND NOT full', 'disk full', false],
  ['NOT NOT disk', 'disk', true],
  ['"disk full"', 'the disk: full', true],
  ['"full disk"', 'disk full', false],
  ['"disk fu"*', 'disk full', true],
  ['e-mail', 'an e-mail', true],
  ['e-mail', 'mail e', false],
  ['ΣΊΣΥΦΟΣ', 'σίσυφος', true],
  ['and', 'this and that', true],
  ['a*', '', false],
])('%s in %s: %s', (search, text, expected) => {
  expect(finds(search, text)).toBe(expected);
});

test.each([
  ['', /a word is missing before its end/],
  ['disk AND', /a word is missing before its end/],
  ['AND disk', /a word is missing before AND/],
  ['(disk', /a "\(" is not closed/],
  ['disk)', /a "\)" has no "\(" before it/],
  ['"disk', /a quote is not closed/],
  ['disk AND !!', /"!!" has no letters or digits/],
  [`${'('.repeat(60)}a${')'.repeat(60)}`, /nested more than 50 deep/],
  [`${'NOT '.repeat(60)}a`, /nested more than 50 deep/],
])('%s is refused', (search, message) => {
  expect(() => parseTextQuery(search, 'filter.query')).toThrow(message);
});

const phrase: fc.Arbitrary<TextQuery> = fc.record({
  kind: fc.constant('phrase' as const),
  words: fc.array(fc.constantFrom('a', 'b', 'ab', 'c'), { minLength: 1, maxLength: 3 }),
  isPrefix: fc.boolean(),
});
const { query } = fc.letrec<{ query: TextQuery }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    phrase,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(tie('query'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), part: tie('query') }),
  ),
}));

function written(search: TextQuery): string {
  switch (search.kind) {
    case 'phrase':
      return phraseText(search);
    case 'not':
      return `NOT (${written(search.part)})`;
    default:
      return search.parts
        .map((part) => `(${written(part)})`)
        .join(` ${search.kind.toUpperCase()} `);
  }
}

/** Phrases by search of a text of words, between blanks. */
function naive(search: TextQuery, words: string): boolean {
  switch (search.kind) {
    case 'phrase':
      return words.includes(` ${search.words.join(' ')}${search.isPrefix ? '' : ' '}`);
    case 'not':
      return !naive(search.part, words);
    case 'and':
      return search.parts.every((part) => naive(part, words));
    case 'or':
      return search.parts.some((part) => naive(part, words));
  }
}

test('any search is read as it was written, and finds what a search of the text finds', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'ab', 'c', 'B', '-'), { maxLength: 8 });
  fc.assert(
    fc.property(query, text, (search, parts) => {
      const read = parseTextQuery(written(search), 'query');
      const words = ` ${wordList(parts.join(' ')).join(' ')} `;
      expect(textMatcher(read)(parts.join(' '))).toBe(naive(search, words));
    }),
  );
});
