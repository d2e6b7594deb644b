import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberSet } from './number-set.js';

test('a number set holds what was added, however it is packed on the way', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(60), fc.boolean())), (steps) => {
      let set = new NumberSet();
      const naive = new Set<number>();
      for (const [number, pack] of steps) {
        set.add(number);
        naive.add(number);
        if (pack) set = NumberSet.unpack(set.pack());
      }
      for (let number = 0; number < 64; number++) expect(set.has(number)).toBe(naive.has(number));
      // The runs are as few as can be: a set that was filled in order has the same bytes.
      const sorted = new NumberSet();
      for (const number of [...naive].sort((a, b) => a - b)) sorted.add(number);
      expect(set.pack()).toEqual(sorted.pack());
    }),
  );
});

test('with too many runs the lowest numbers become unknown, and no other', () => {
  const set = new NumberSet();
  for (let i = 0; i < 100_010; i++) set.add(2 * i + 5);
  expect(set.floor).toBe(2 * 10 + 6);
  const wrong = Array.from({ length: 200_100 }, (_, number) => number).filter(
    (number) =>
      number >= set.floor && set.has(number) !== (number % 2 === 1 && number <= 2 * 100_009 + 5),
  );
  expect(wrong).toEqual([]);
});
