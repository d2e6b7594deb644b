import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../core/index.js';
import { directoryName, randomHex } from './file-names.js';

test.each([
  ['wiki', 'wiki'],
  ['Wiki', '%57iki'],
  ['a b', 'a%20b'],
  ['..', '%2e%2e'],
  ['%2e', '%252e'],
  ['ö', '%c3%b6'],
])('the directory of %s is %s', (dataSource, name) => {
  expect(directoryName(dataSource)).toBe(name);
});

test('different data sources have different directories', () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(directoryName(a)).toMatch(/^[a-z0-9_%~-]{1,240}$/);
      if (a !== b) expect(directoryName(a)).not.toBe(directoryName(b));
    }),
  );
});

test('long names that begin alike have different directories', () => {
  const long = 'x'.repeat(240);
  const names = [long, `${long}y`, `${long}z`].map(directoryName);
  expect(names.map((name) => name.length)).toEqual([240, 240, 240]);
  expect(new Set(names).size).toBe(3);
});

test('random names have 128 bits', () => {
  const random = new SeededRandom(1);
  const names = Array.from({ length: 1000 }, () => randomHex(random));
  expect(new Set(names).size).toBe(1000);
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{32}$/);
});
