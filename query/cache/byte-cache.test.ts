import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteCache, entryBytes } from './byte-cache.js';

const ONE = entryBytes('a', 0);

/** The same, plainly: entries from old to new. */
class NaiveCache {
  entries: { key: string; value: number; bytes: number }[] = [];
  evictions = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly maxEntryBytes: number,
  ) {}

  get bytes(): number {
    return this.entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get(key: string): number | undefined {
    const found = this.entries.find((each) => each.key === key);
    if (found !== undefined) {
      this.entries = [...this.entries.filter((each) => each !== found), found];
    }
    return found?.value;
  }

  add(key: string, value: number, size: number): boolean {
    this.entries = this.entries.filter((each) => each.key !== key);
    const bytes = entryBytes(key, size);
    if (size > this.maxEntryBytes || bytes > this.maxBytes) return false;
    this.entries.push({ key, value, bytes });
    while (this.bytes > this.maxBytes) {
      this.entries.shift();
      this.evictions++;
    }
    return true;
  }
}

const key = fc.constantFrom('a', 'b', 'cc', 'ddd', 'e');
const step = fc.oneof(
  fc.record({ kind: fc.constant('get' as const), key }),
  fc.record({ kind: fc.constant('add' as const), key, value: fc.nat(9), size: fc.nat(120) }),
);

test('keeps what a plain list of entries keeps, and counts its bytes', () => {
  fc.assert(
    fc.property(fc.array(step), fc.integer({ min: 0, max: 4 * ONE }), (steps, maxBytes) => {
      const cache = new ByteCache<number>(maxBytes, 100);
      const naive = new NaiveCache(maxBytes, 100);
      let [hits, misses] = [0, 0];
      for (const each of steps) {
        if (each.kind === 'add') {
          const { key, value, size } = each;
          expect(cache.add(key, value, size)).toBe(naive.add(key, value, size));
        } else {
          const expected = naive.get(each.key);
          expect(cache.get(each.key)).toBe(expected);
          cache.count(expected !== undefined);
          if (expected === undefined) misses++;
          else hits++;
        }
        const { bytes, evictions, entries } = naive;
        const counts = { bytes, evictions, entries: entries.length, hits, misses };
        expect(cache.counts).toEqual(counts);
        expect(bytes).toBeLessThanOrEqual(maxBytes);
      }
    }),
  );
});

test('what was asked for last stays', () => {
  const cache = new ByteCache<number>(2 * ONE, 100);
  cache.add('a', 1, 0);
  cache.add('b', 2, 0);
  cache.get('a');
  cache.add('e', 3, 0);
  expect([cache.get('a'), cache.get('b'), cache.get('e')]).toEqual([1, undefined, 3]);
});

test('what is too large leaves nothing under its key', () => {
  const cache = new ByteCache<number>(10 * ONE, 100);
  cache.add('a', 1, 0);
  expect(cache.add('a', 2, 101)).toBe(false);
  expect(cache.get('a')).toBeUndefined();
  expect(cache.counts).toMatchObject({ entries: 0, bytes: 0, evictions: 0 });
});
