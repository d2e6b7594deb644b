import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unlz4Block } from './unlz4.js';

/** A run of literals, then a match: how far back, and how long. */
const sequence = fc.record({
  literals: fc.uint8Array({ minLength: 1, maxLength: 600 }),
  back: fc.nat(),
  length: fc.integer({ min: 4, max: 600 }),
});

const more = (rest: number): number[] => (rest < 255 ? [rest] : [255, ...more(rest - 255)]);

/** The block of sequences, of which the last has literals only, and what it becomes. */
function blockOf(sequences: readonly { literals: Uint8Array; back: number; length: number }[]): {
  block: number[];
  bytes: number[];
} {
  const block: number[] = [];
  const bytes: number[] = [];
  for (const [i, { literals, back, length }] of sequences.entries()) {
    const isLast = i === sequences.length - 1;
    const [high, low] = [Math.min(15, literals.length), isLast ? 0 : Math.min(15, length - 4)];
    block.push((high << 4) | low, ...(high === 15 ? more(literals.length - 15) : []), ...literals);
    bytes.push(...literals);
    if (isLast) break;
    const distance = 1 + (back % Math.min(bytes.length, 65_535));
    block.push(distance & 255, distance >> 8, ...(low === 15 ? more(length - 19) : []));
    for (let n = 0; n < length; n++) bytes.push(bytes[bytes.length - distance]!);
  }
  return { block, bytes };
}

test('unpacks literals and matches, also of what they themselves make', () => {
  fc.assert(
    fc.property(fc.array(sequence, { minLength: 1, maxLength: 8 }), (sequences) => {
      const { block, bytes } = blockOf(sequences);
      expect([...unlz4Block(Uint8Array.from(block), 100_000)]).toEqual(bytes);
      expect(() => unlz4Block(Uint8Array.from(block), bytes.length - 1)).toThrow(
        'larger than it may be',
      );
    }),
  );
});

test('whatever the bytes are, it ends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (block) => {
      try {
        expect(unlz4Block(block, 5000).length).toBeLessThanOrEqual(5000);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 1000 },
  );
});
