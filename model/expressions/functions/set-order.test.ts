import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inSetOrder } from './set-order.js';

const GROWN = [0, 28, 49, 14, 35, 56, 77, 21, 42, 63, 84, 70, 7];
const itemsOf = (numbers: readonly number[]) => numbers.map((n) => `item${n}`);

/** As `new java.util.HashSet<>(…).toArray()` of OpenJDK 17 prints them. */
test.each([
  ['ARRAY<STRING>', ['spot', 'total_market', 'upfront'], ['upfront', 'spot', 'total_market']],
  ['ARRAY<STRING>', ['10.1', '2', 'def', '', 'abc', '1'], ['', '1', '2', 'abc', 'def', '10.1']],
  ['ARRAY<STRING>', itemsOf([...Array(13).keys()].map((i) => 7 * i)), itemsOf(GROWN)],
  ['ARRAY<LONG>', [325_323, 7, 5_000_000_000n, -1, 0], [-1, 0, 5_000_000_000n, 7, 325_323]],
  ['ARRAY<DOUBLE>', [2.5, -1, 0.1, 1000, 3], [-1, 0.1, 2.5, 3, 1000]],
] as const)('%s, %#', (type, elements, expected) => {
  expect(inSetOrder(elements, type)).toEqual(expected);
});

test('each once, whatever order they came in', () => {
  const texts = fc.array(fc.oneof(fc.constant(null), fc.string({ maxLength: 3 })));
  fc.assert(
    fc.property(texts, (list) => {
      const set = inSetOrder(list, 'ARRAY<STRING>');
      expect([...set].sort()).toEqual([...new Set(list)].sort());
      expect(inSetOrder([...list].reverse(), 'ARRAY<STRING>')).toEqual(set);
      expect(inSetOrder(set, 'ARRAY<STRING>')).toEqual(set);
    }),
  );
});
