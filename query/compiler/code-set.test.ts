import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Segment } from '../../segments/index.js';
import { CodeCache } from './code-cache.js';
import {
  bytesOfSet,
  type CodeSet,
  codesBelow,
  hasCode,
  othersThan,
  setOfRanges,
  setOfTable,
  spanOfSet,
  unitedSets,
  withCode,
} from './code-set.js';

const SIZE = 30;
const range = fc.record({ from: fc.nat(SIZE), to: fc.nat(SIZE) });
const codes = (set: CodeSet): number[] =>
  Array.from({ length: SIZE }, (_, code) => code).filter((code) => hasCode(set, code));

test('sets of codes agree with lists of codes', () => {
  fc.assert(
    fc.property(
      fc.array(range, { maxLength: 12 }),
      fc.nat(SIZE - 1),
      fc.nat(2),
      (ranges, code, first) => {
        const expected = Array.from({ length: SIZE }, (_, each) => each).filter((each) =>
          ranges.some(({ from, to }) => from <= each && each < to),
        );
        const table = Uint8Array.from({ length: SIZE }, (_, each) =>
          Number(expected.includes(each)),
        );
        for (const set of [setOfRanges(ranges, SIZE), setOfTable(table)]) {
          expect(codes(set)).toEqual(expected);
          const others = codes(othersThan(set, first, SIZE));
          expect(others).toEqual(
            Array.from({ length: SIZE }, (_, each) => each).filter(
              (each) => each >= first && !expected.includes(each),
            ),
          );
          expect(new Set(codes(withCode(set, code, SIZE)))).toEqual(new Set([...expected, code]));
          expect(codes(codesBelow(set, code))).toEqual(expected.filter((each) => each < code));
        }
      },
    ),
  );
});

test('the union of two sets has the codes of both, and its span all of them', () => {
  const set = fc
    .tuple(fc.array(range, { maxLength: 8 }), fc.nat(SIZE))
    .map(([ranges, size]) => codesBelow(setOfRanges(ranges, SIZE), size));
  fc.assert(
    fc.property(set, set, (a, b) => {
      const both = codes(unitedSets(a, b, SIZE));
      expect(both).toEqual([...new Set([...codes(a), ...codes(b)])].sort((x, y) => x - y));
      const { from, to } = spanOfSet(a);
      expect(codes(a).every((code) => from <= code && code < to)).toBe(true);
    }),
  );
});

test('a table without holes is a range', () => {
  const ranges = [{ from: 1, to: 3 }];
  expect(setOfTable(Uint8Array.of(0, 1, 1, 0))).toEqual({ kind: 'ranges', ranges });
});

test('a segment that grows is given what an earlier snapshot knew', () => {
  const lineage = {};
  const snapshot = () => ({ isTransient: false, lineage }) as Segment;
  const cache = new CodeCache<number[]>(() => 8);
  const upTo = (size: number): number[] =>
    cache.get(
      snapshot(),
      'codes',
      (earlier) => [...(earlier ?? []), size],
      (known) => known.at(-1)! >= size,
    );
  expect([upTo(3), upTo(2), upTo(5), upTo(4)]).toEqual([[3], [3], [3, 5], [3, 5]]);
});

test('the cache makes a set once, and forgets what was unused for longest', () => {
  const [a, b] = [{}, {}] as Segment[];
  const cache = new CodeCache(bytesOfSet, 2500);
  let made = 0;
  const make = (): CodeSet => {
    made++;
    return { kind: 'table', table: new Uint8Array(500) };
  };
  const first = cache.get(a!, 'x', make);
  expect(cache.get(a!, 'x', make)).toBe(first);
  expect(cache.get(b!, 'x', make)).not.toBe(first);
  cache.get(b!, 'y', make);
  expect(made).toBe(3);
  cache.get(a!, 'x', make);
  cache.get(b!, 'z', make);
  expect(cache.size).toBe(3);
  expect(cache.get(a!, 'x', make)).toBe(first);
  expect(made).toBe(4);
});
