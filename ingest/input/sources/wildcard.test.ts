import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesWildcard } from './wildcard.js';

/** By trying everything. */
function naive(name: string, pattern: string): boolean {
  if (pattern === '') return name === '';
  const rest = pattern.slice(1);
  if (pattern[0] === '*') {
    return Array.from({ length: name.length + 1 }, (_, i) => i).some((i) =>
      naive(name.slice(i), rest),
    );
  }
  return (
    name !== '' && (pattern[0] === '?' || pattern[0] === name[0]) && naive(name.slice(1), rest)
  );
}

test('wildcards agree with trying everything', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(letters, letters, (name, pattern) => {
      expect(matchesWildcard(name, pattern)).toBe(naive(name, pattern));
    }),
    { numRuns: 2_000 },
  );
});

test('a pattern of many stars takes no long time', () => {
  expect(matchesWildcard('a'.repeat(5_000), `${'*a'.repeat(500)}b`)).toBe(false);
});
