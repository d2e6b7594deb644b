import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PairCover } from './pair-cover.js';

test('every pair comes up once unless it has come together', () => {
  const size = fc.integer({ min: 1, max: 9 });
  const cases = size.chain((count) =>
    fc.record({
      count: fc.constant(count),
      wanted: fc.nat(count),
      together: fc.array(fc.uniqueArray(fc.nat(count - 1), { maxLength: 4 }), { maxLength: 3 }),
    }),
  );
  fc.assert(
    fc.property(cases, ({ count, wanted, together }) => {
      const pairs = new PairCover(count, wanted);
      for (const numbers of together) pairs.cover(numbers);
      const isApart = (a: number, b: number) =>
        !together.some((numbers) => numbers.includes(a) && numbers.includes(b));
      const seen: string[] = [];
      for (let pair = pairs.next(); pair !== null; pair = pairs.next()) seen.push(pair.join());
      const wantedPairs = Array.from({ length: wanted }, (_, larger) =>
        Array.from({ length: larger + 1 }, (_, smaller) => [smaller, larger] as const),
      ).flat();
      // A pair of two numbers brings each of them together with itself.
      const found = new Set(seen);
      expect(found.size).toBe(seen.length);
      for (const [a, b] of wantedPairs) {
        expect(found.has(`${a},${b}`), `${a}, ${b}`).toBe(isApart(a, b));
      }
      expect(seen.length).toBe(wantedPairs.filter(([a, b]) => isApart(a, b)).length);
      const all = Array.from({ length: wanted }, (_, i) => i);
      for (const each of all) expect(pairs.left(each, all)).toBe(0);
    }),
  );
});
