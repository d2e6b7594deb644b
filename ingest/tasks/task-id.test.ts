import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Random, SeededRandom } from '../../core/index.js';
import { makeTaskId } from './task-id.js';

const drawing = (bits: number): Random => ({ ...new SeededRandom(1), nextUint32: () => bits });
const NOW_MS = Date.UTC(2024, 0, 1);

test.each([
  { bits: 0, letters: 'aaaaaaaa' },
  { bits: 0xffff_ffff, letters: 'pppppppp' },
  { bits: 0x8000_0001, letters: 'baaaaaai' },
  { bits: 0x7654_3210, letters: 'abcdefgh' },
])('$bits is $letters', ({ bits, letters }) => {
  expect(makeTaskId('index', 'wiki', NOW_MS, drawing(bits))).toBe(
    `index_wiki_${letters}_2024-01-01T00:00:00.000Z`,
  );
});

test('different draws give different ids', () => {
  const bits = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(bits, bits, (a, b) => {
      const [left, right] = [a, b].map((each) => makeTaskId('t', 'd', NOW_MS, drawing(each)));
      expect(left === right).toBe(a === b);
      expect(left).toMatch(/^t_d_[a-p]{8}_2024-01-01T00:00:00\.000Z$/);
    }),
  );
});
