import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ResourceLimitError, UserError } from '../../../core/index.js';
import { gunzip } from './gunzip.js';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Uint8Array, size = 1000, maxBytes = 2 ** 30): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of gunzip(pieces(bytes, size), 'x.gz', maxBytes)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test.each([1, 7, 1000, 1_000_000])('unpacks pieces of %d bytes', async (size) => {
  const text = Array.from({ length: 2_000 }, (_, i) => `line ${i * i}\n`).join('');
  expect((await unpacked(gzipSync(text), size)).toString()).toBe(text);
});

test('unpacks members one after another', async () => {
  const both = Buffer.concat([gzipSync('one '), gzipSync('two')]);
  expect((await unpacked(both)).toString()).toBe('one two');
});

test('a bomb is stopped by its expansion, long before it is unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  let bytes = 0;
  const read = async () => {
    for await (const chunk of gunzip(pieces(bomb, 100), 'x.gz', 2 ** 40)) bytes += chunk.length;
  };
  await expect(read()).rejects.toThrow(ResourceLimitError);
  expect(bytes).toBeLessThan(8 * 1024 * 1024);
});

test('small files may expand as they like', async () => {
  expect((await unpacked(gzipSync(Buffer.alloc(1024 * 1024)))).length).toBe(1024 * 1024);
});

test('the unpacked size has a limit', async () => {
  await expect(unpacked(gzipSync('x'.repeat(5_000)), 1000, 4_999)).rejects.toThrow(
    'x.gz: more than 4999',
  );
});

test.each([
  ['no gzip', Buffer.from('{"a":1}')],
  ['cut off', gzipSync('some text that goes on').subarray(0, 20)],
])('%s is the fault of the file', async (_, bytes) => {
  await expect(unpacked(bytes)).rejects.toThrow(UserError);
  await expect(unpacked(bytes)).rejects.toThrow('x.gz: not a whole gzip file');
});

test('errors of the source go through', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield gzipSync('x').subarray(0, 5);
    throw new ResourceLimitError('too much', 1, 2);
  }
  const read = async () => {
    for await (const _ of gunzip(failing(), 'x.gz', 100));
  };
  await expect(read()).rejects.toThrow('too much');
});

test('a reader that stops closes the source', async () => {
  let closed = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      const packed = gzipSync(
        Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * i) >> 3)),
      );
      yield* pieces(packed, 1000);
    } finally {
      closed = true;
    }
  }
  for await (const _ of gunzip(source(), 'x.gz', 2 ** 30)) break;
  expect(closed).toBe(true);
});
