import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atOnce } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import { inOrder } from './in-order.js';

const lengths = fc.constantFrom(0, 1, 2, 4096, 4097, 8193, 20_000, 30_001);

test('numbers are sorted as Array.sort does it, equal ones as they were', () => {
  fc.assert(
    fc.property(lengths, fc.constantFrom(1, 2, 100, 2 ** 31), fc.nat(), (length, values, seed) => {
      const keys = Array.from(
        { length },
        (_, i) => (Math.imul(i + seed, 0x9e3779b1) >>> 1) % values,
      );
      const numbers = keys.map((_, i) => i);
      const order = (a: number, b: number): number => keys[a]! - keys[b]!;
      expect(atOnce(inOrder([...numbers], order))).toEqual(numbers.sort(order));
    }),
    { numRuns: draws(30) },
  );
});

test('a long sort gives way', () => {
  const backward = Array.from({ length: 50_000 }, (_, i) => -i);
  const turns = [...inOrder(backward, (a, b) => a - b)];
  expect(turns.length).toBeGreaterThan(50_000 / 4096);
});
