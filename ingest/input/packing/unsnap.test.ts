import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c, UserError } from '../../../core/index.js';
import { packingOf } from './packing.js';
import { unsnapBlock } from './unsnap.js';

/** What python-snappy 0.7.3 (`StreamCompressor`) makes of `TEXT`, with matches in it. */
const PACKED =
  '/wYAAHNOYVBwWQDWAgDsR6EjrhVMbGluZSAwIG9mIHNvbWUgdGV4dAoFFAAxShQAADRKFAAAOUoUAAQxNkoVAAQyNUoVAAAzTioAADROVAAANk59AAA4TqYABDEwUtAAADJSLAAANE5XAAQxNk6CAAQxOU6tAAAyUtgABDI1UiwAADhOWAAEMzJOhAAEMzZOsAAANFLcAAQ0NFIsAAA4TlgABDUyToQABDU3TrAAADZS3AAANlIsAAA3UlgAADdShAAAOFKwAAA5UtwAADlSCAEEMTBSNQEEMTBSYgEEMTFSjwEAMVa8AQQxMlLpAQQxM1YWAgA0VkMCADVWcAIANlLlAAQxNlbKAgA3UvYCBDE4UiIDBDE5Uk4DBDIwUsYBBDIxVqYDBDIwTiACCDIzME5NAggyNDBOegIEMjVS5gAEMjZWLgAAN1ZcAAA4VooAADlSuAAAM1bmAAQzMVIUAQQzMlJCAQQzM1JwAQQzNFKeAQAzVswBBDM3UvoBBDM4UigCBDM5UlYCBDQwUoQCBDQyUswBBDQzUuACBDQ0Ug4DBDQ2UjwDBDQ3UmoDADRWlwMENTBSxAMENTFS8QMENTNSHgQENTRSSwQENTZS5gAENTdWLgAAOVJcAAQ2MFKKAAQ2MlK4AAA2VlkFBDY1UhQBBDY3UkIBBDY4UnABBDcwUp4BADdWzAEENzNS+gEENzVSKAIENzdSVgIENzlShAIAOFYbBwQ4MlLgAgQ4NFIOAwQ4NlI8AwQ4OFJqAwA5VpgDBDkyUsYDCDk0ME5+BAQ5NlIiBAQ5OFJQBAgxMDBSfwQIMTAyWjAAADRSXwAIMTA2Uo4ACDEwOFK9AAQxMVbsAAgxMTJSGwEIMTE0UkoBCDExNlJ5AQgxMThSqAEEMTJW1wEIMTIzUgYCCDEyNVI1AggxMjdSZAIIMTI5UpMCCDEzMlKoAwgxMzRS8QIIMTM2UiADCDEzOVJPAwgxNDE+fgM=';
const TEXT = Array.from({ length: 120 }, (_, i) => `line ${i * i} of some text\n`).join('');

const START = [0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59];

/** A chunk of bytes as they are, or as literals of a Snappy block. */
function chunkOf(bytes: Uint8Array, isPlain: boolean): number[] {
  const sum = crc32c(bytes);
  const masked = (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
  const body = isPlain ? [...bytes] : [...varint(bytes.length), ...literals(bytes)];
  const length = body.length + 4;
  return [
    isPlain ? 1 : 0,
    length & 255,
    length >> 8,
    0,
    ...new Uint8Array(Uint32Array.of(masked).buffer),
    ...body,
  ];
}

const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >> 7)]);
const literals = (bytes: Uint8Array): number[] =>
  bytes.length === 0
    ? []
    : [
        (Math.min(bytes.length, 60) - 1) << 2,
        ...bytes.subarray(0, 60),
        ...literals(bytes.subarray(60)),
      ];

async function unpacked(bytes: Uint8Array, size = 100): Promise<string> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
  }
  const parts: Uint8Array[] = [];
  for await (const chunk of packingOf('x.sz')!(pieces(), 'x', 2 ** 20)) parts.push(chunk);
  return Buffer.concat(parts).toString('hex');
}

const hex = (text: string): string => Buffer.from(text).toString('hex');

test('unpacks what another tool packs', async () => {
  expect(await unpacked(Buffer.from(PACKED, 'base64'))).toBe(hex(TEXT));
});

test('chunks of all kinds, streams one after another', async () => {
  const chunk = fc.oneof(
    fc.tuple(fc.uint8Array({ maxLength: 500 }), fc.boolean()),
    fc.constantFrom('skip' as const, 'stream' as const),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(chunk, { maxLength: 6 }),
      fc.integer({ min: 1, max: 99 }),
      async (chunks, size) => {
        const bytes = chunks.flatMap((one) =>
          one === 'skip' ? [0xfe, 2, 0, 0, 7, 7] : one === 'stream' ? START : chunkOf(...one),
        );
        const expected = chunks.map((one) =>
          typeof one === 'string' ? '' : Buffer.from(one[0]).toString('hex'),
        );
        expect(await unpacked(Uint8Array.from([...START, ...bytes]), size)).toBe(expected.join(''));
      },
    ),
  );
});

test('what was cut off inside of a chunk, or damaged, is an error', async () => {
  const packed = Buffer.from(PACKED, 'base64');
  for (let length = 1; length < packed.length; length += 13) {
    if (length === START.length) continue;
    await expect(unpacked(packed.subarray(0, length))).rejects.toThrow(UserError);
  }
  for (let at = START.length; at < packed.length; at += 11) {
    const damaged = Buffer.from(packed);
    damaged[at]! ^= 4;
    await expect(unpacked(damaged)).rejects.toThrow(UserError);
  }
  await expect(unpacked(Buffer.from('{"a":1}'))).rejects.toThrow('does not begin as framed Snappy');
});

test('a block that says it becomes large is refused before it does', () => {
  const claims = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0);
  expect(() => unsnapBlock(claims, 1000)).toThrow('larger than it may be');
  expect(() => unsnapBlock(Uint8Array.of(0x80), 1000)).toThrow('does not begin');
});
