import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distinctCodes, placeOfCode } from './distinct-codes.js';

const code = fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 2 ** 32 - 1 }));

test('codes in their order, each once, and each is found', () => {
  fc.assert(
    fc.property(fc.array(code, { maxLength: 60 }), (codes) => {
      const given = Uint32Array.from(codes);
      const distinct = distinctCodes(given);
      const expected = [...new Set(codes)].sort((a, b) => a - b);
      expect([...distinct]).toEqual(expected);
      expect([...given]).toEqual(codes);
      for (const each of codes) {
        expect(placeOfCode(distinct, each)).toBe(expected.indexOf(each));
      }
    }),
  );
});
