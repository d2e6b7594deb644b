import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOrder } from './in-order.js';
import { draws } from './testing.js';
import { atOnce } from './turns.js';

const lengths = fc.constantFrom(0, 1, 2, 4096, 4097, 8193, 20_000, 30_001);

test('numbers are sorted as Array.sort does it, equal ones as they were', () => {
  fc.assert(
    fc.property(lengths, fc.constantFrom(1, 2, 100, 2 ** 31), fc.nat(), (length, values, seed) => {
      const keys = Array.from(
        { length },
        (_, i) => (Math.imul(i + seed, 0x9e3779b1) >>> 1) % values,
      );
      const numbers = Uint32Array.from(keys, (_, i) => i);
      const order = (a: number, b: number): number => keys[a]! - keys[b]!;
      const before = numbers.slice();
      expect(atOnce(inOrder(numbers, order))).toEqual(before.slice().sort(order));
      expect(numbers).toEqual(before);
    }),
    { numRuns: draws(30) },
  );
});

test('a long sort gives way', () => {
  const ascending = Uint32Array.from({ length: 50_000 }, (_, i) => i);
  const turns = [...inOrder(ascending, (a, b) => b - a)];
  expect(turns.length).toBeGreaterThan(50_000 / 4096);
});
