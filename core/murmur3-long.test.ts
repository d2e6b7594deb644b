import fc from 'fast-check';
import { expect, test } from 'vitest';
import { murmur3 } from './murmur3.js';
import { murmur3Long } from './murmur3-long.js';

const word = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
);

test('murmur3Long is murmur3 of the 8 bytes', () => {
  const [got, want] = [new Uint32Array(4), new Uint32Array(4)];
  fc.assert(
    fc.property(word, word, word, (low, high, seed) => {
      murmur3(new Uint8Array(Uint32Array.of(low, high).buffer), seed, want);
      for (const [a, b] of [
        [low, high],
        [low | 0, high | 0],
      ] as const) {
        murmur3Long(a, b, seed, got);
        expect(got).toEqual(want);
      }
    }),
    { numRuns: 2000 },
  );
});
