import fc from 'fast-check';
import { expect, test } from 'vitest';
import { invariant } from '../core/index.js';
import { likeMatcher, likeTexts } from './like.js';

/** Straight from the definition, exponential in the number of `%`. */
function naiveLike(
  pattern: readonly string[],
  text: readonly string[],
  escaping: string | null,
): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text.length === 0;
  if (first === escaping) {
    if (rest.length === 0) return text.length === 0;
    return text[0] === rest[0] && naiveLike(rest.slice(1), text.slice(1), escaping);
  }
  if (first === '%') {
    return (
      text.some((_, i) => naiveLike(rest, text.slice(i), escaping)) || naiveLike(rest, [], escaping)
    );
  }
  if (text.length === 0) return false;
  return (first === '_' || first === text[0]) && naiveLike(rest, text.slice(1), escaping);
}

test.each([
  ['abc', 'abc', true],
  ['abc', 'abcd', false],
  ['a%', 'abc', true],
  ['%c', 'abc', true],
  ['%b%', 'abc', true],
  ['a%a', 'a', false],
  ['a_c', 'abc', true],
  ['_', '\u{1F600}', true],
  ['%', '', true],
  ['', '', true],
  ['ABC', 'abc', false],
])('%s against %s: %s', (pattern, text, expected) => {
  expect(likeMatcher(pattern, null)(text)).toBe(expected);
});

test('the escaped character stands for itself', () => {
  expect(likeMatcher('1\\%', '\\')('1%')).toBe(true);
  expect(likeMatcher('1\\%', '\\')('12')).toBe(false);
  expect(likeMatcher('a!!b', '!')('a!b')).toBe(true);
});

test('agrees with the definition', () => {
  const letters = (...units: string[]) => fc.array(fc.constantFrom(...units), { maxLength: 9 });
  fc.assert(
    fc.property(
      letters('a', 'b', '%', '_', '!', '\u{1F600}'),
      letters('a', 'b', '%', '!', '\u{1F600}'),
      (pattern, text) => {
        const match = likeMatcher(pattern.join(''), '!');
        expect(match(text.join(''))).toBe(naiveLike(pattern, text, '!'));
      },
    ),
    { numRuns: 3000 },
  );
});

test('a long piece with wildcards crosses word borders', () => {
  const piece = `${'ab_'.repeat(23)}z`;
  const text = `${'ab'.repeat(50)}${'abc'.repeat(23)}z${'q'.repeat(40)}`;
  expect(likeMatcher(`%${piece}%`, null)(text)).toBe(true);
  expect(likeMatcher(`%${piece}y%`, null)(text)).toBe(false);
});

test('hostile patterns stay fast', () => {
  const match = likeMatcher(`${'%a_'.repeat(50)}b`, null);
  const startedMs = performance.now();
  expect(match('a'.repeat(20_000))).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(1000);
});

test('what the texts that match have in common', () => {
  const letters = (...units: string[]) =>
    fc.array(fc.constantFrom(...units), { maxLength: 7 }).map((all) => all.join(''));
  const pattern = letters('a', 'b', 'ab', '%', '%', '_', '!', '\u{1F600}');
  fc.assert(
    fc.property(pattern, letters('a', 'b', 'ab', '\u{1F600}'), (like, text) => {
      const matches = likeMatcher(like, '!')(text);
      const texts = likeTexts(like, '!');
      if (texts.kind === 'points') {
        expect(texts.texts.includes(text)).toBe(matches);
        return;
      }
      invariant(texts.kind === 'pattern', 'no pattern is a range');
      const { prefix, piece, isAtEnd, isWhole } = texts.pattern;
      const hasPiece = isAtEnd ? text.endsWith(piece) : text.includes(piece);
      const hasAll = text.startsWith(prefix) && hasPiece;
      if (isWhole) expect(hasAll).toBe(matches);
      else if (matches) expect(hasAll).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
