import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Codec, compress, decompress, PREFERRED_CODEC } from './compress.js';
import { CorruptBytesError, InternalError } from './errors.js';

const CODECS = [...new Set<Codec>(['brotli', PREFERRED_CODEC])];

/** 'varve '.repeat(100), by zstd: what no older Node writes, all read. */
const ZSTD = Buffer.from('28b52ffd6058016d00003076617276652001004f529522', 'hex');

const plain = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(fc.constantFrom(1, 2), { maxLength: 3000 }).map((bytes) => Uint8Array.from(bytes)),
);

describe.each(CODECS)('%s', (codec) => {
  test('bytes come back', () => {
    fc.assert(
      fc.property(plain, (bytes) => {
        const back = decompress(compress(bytes, codec), codec, bytes.length);
        expect([...back]).toEqual([...bytes]);
        // A slice of Node's Buffer would show the same memory.
        expect(back.slice().buffer).not.toBe(back.buffer);
      }),
    );
  });

  test('any other bytes are an error, or as many as were asked for', () => {
    fc.assert(
      fc.property(plain, plain, fc.nat(400), (bytes, others, size) => {
        const damaged = compress(bytes, codec).slice();
        damaged.set(others.subarray(0, damaged.length >> 1), damaged.length >> 2);
        for (const given of [others, damaged]) {
          try {
            expect(decompress(given, codec, size).length).toBe(size);
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptBytesError);
          }
        }
      }),
    );
  });

  test('no more is made than was asked for', () => {
    const bomb = compress(new Uint8Array(1 << 20), codec);
    expect(() => decompress(bomb, codec, 1000)).toThrow(CorruptBytesError);
  });
});

test('zstd is read by every Node', () => {
  const bytes = decompress(ZSTD, 'zstd', 600);
  expect(new TextDecoder().decode(bytes)).toBe('varve '.repeat(100));
  expect(() => decompress(ZSTD.subarray(0, 12), 'zstd', 600)).toThrow(CorruptBytesError);
  fc.assert(
    fc.property(fc.nat(ZSTD.length - 1), fc.nat(255), (at, byte) => {
      const damaged = Uint8Array.from(ZSTD);
      damaged[at] = byte;
      try {
        expect(decompress(damaged, 'zstd', 600).length).toBe(600);
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptBytesError);
      }
    }),
  );
});

test.skipIf(PREFERRED_CODEC === 'zstd')('zstd is not written where Node has none', () => {
  expect(() => compress(new Uint8Array(9), 'zstd')).toThrow(InternalError);
});

test.skipIf(PREFERRED_CODEC !== 'zstd')(
  'a frame of zstd that wants more memory than its bytes is an error (needs Node 22.15)',
  () => {
    const frame = (windowLog: number) =>
      Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3, 0x0b, 0, 0, 7]);
    expect(decompress(frame(10), 'zstd', 1)).toEqual(Buffer.of(7));
    expect(() => decompress(frame(27), 'zstd', 1)).toThrow(CorruptBytesError);
  },
);
