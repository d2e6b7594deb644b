import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from './crc32c.js';

const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);

// RFC 3720 B.4, read as little-endian words; the last is the check value of the CRC catalogue.
test.each([
  { name: '32 zeros', bytes: new Uint8Array(32), expected: 0x8a9136aa },
  { name: '32 ones', bytes: new Uint8Array(32).fill(255), expected: 0x62a8ab43 },
  { name: '32 ascending', bytes: ascending, expected: 0x46dd794e },
  { name: '32 descending', bytes: ascending.slice().reverse(), expected: 0x113fdb5c },
  { name: 'nothing', bytes: new Uint8Array(0), expected: 0 },
  { name: '123456789', bytes: Buffer.from('123456789'), expected: 0xe3069283 },
])('crc32c: $name', ({ bytes, expected }) => {
  expect(crc32c(bytes)).toBe(expected);
});

/** Bit by bit, straight from the definition. */
function naiveCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = (crc ^ byte) >>> 0;
    for (let bit = 0; bit < 8; bit++)
      crc = crc % 2 === 1 ? ((crc >>> 1) ^ 0x82f63b78) >>> 0 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('crc32c agrees with the bitwise checksum and can be continued', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(70), (bytes, cut) => {
      const expected = naiveCrc32c(bytes);
      expect(crc32c(bytes)).toBe(expected);
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(expected);
    }),
  );
});
