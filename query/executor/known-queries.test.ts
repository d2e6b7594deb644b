import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NamedLookup } from '../../model/index.js';
import { KnownQueries } from './known-queries.js';

const buffer = new SharedArrayBuffer(0);
const handle = (name: string, version: number): NamedLookup => ({
  name,
  contentId: `${version}`,
  buffer,
});

test('queries of a version that is replaced are forgotten', () => {
  const known = new KnownQueries<string>(10);
  known.add(1, [], 'none');
  known.add(2, [handle('a', 1)], 'a1');
  known.add(3, [handle('a', 1), handle('b', 1)], 'a1 b1');
  known.add(4, [handle('b', 1)], 'b1');
  expect([1, 2, 3, 4].map((key) => known.get(key))).toEqual(['none', 'a1', 'a1 b1', 'b1']);
  known.add(5, [handle('a', 2)], 'a2');
  expect([1, 2, 3, 4, 5].filter((key) => known.has(key))).toEqual([1, 4, 5]);
});

test('holds the last ones, and of each lookup one version', () => {
  const lookups = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(2)), {
    selector: ([name]) => name,
  });
  fc.assert(
    fc.property(fc.array(lookups, { maxLength: 60 }), (all) => {
      const known = new KnownQueries<number>(5);
      let naive: { key: number; lookups: readonly (readonly [string, number])[] }[] = [];
      for (const [key, own] of all.entries()) {
        known.add(
          key,
          own.map(([name, version]) => handle(name, version)),
          key,
        );
        naive = naive.filter((each) =>
          each.lookups.every(([name, version]) =>
            own.every(([other, newest]) => other !== name || newest === version),
          ),
        );
        naive = [...naive, { key, lookups: own }].slice(-5);
        const expected = naive.map((each) => each.key);
        expect([...all.keys()].filter((each) => known.has(each))).toEqual(expected);
      }
    }),
  );
});
