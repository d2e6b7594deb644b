import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteChunks, CHUNK_BYTES as CHUNK, chunkStream, textChunks } from './stream.js';

const textStream = (parts: Iterable<string>) => chunkStream(textChunks(parts));

async function chunksOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString('utf8');

/** Parts of `size` characters without end; remembers how many were taken and whether it was left. */
class Endless implements Iterable<string> {
  taken = 0;
  left = false;

  constructor(private readonly size: number) {}

  *[Symbol.iterator](): Generator<string> {
    try {
      for (;;) {
        this.taken++;
        yield 'x'.repeat(this.size);
      }
    } finally {
      this.left = true;
    }
  }
}

test('the bytes are the parts, joined, in chunks that are neither empty nor many', async () => {
  const part = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.nat(3 * CHUNK).map((size) => 'ü'.repeat(size)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
      const text = parts.join('');
      const chunks = await chunksOf(textStream(parts));
      expect(textOf(chunks) === text).toBe(true);
      expect(chunks.every(({ length }) => length > 0)).toBe(true);
      expect(chunks.length).toBeLessThanOrEqual(Math.floor(text.length / CHUNK) + 1);
    }),
    { numRuns: 50 },
  );
});

test('nothing at all is an empty body', async () => {
  expect(await chunksOf(textStream([]))).toEqual([]);
  expect(await chunksOf(textStream(['', '']))).toEqual([]);
});

test('bytes are gathered likewise', () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.nat(2 * CHUNK).map((size) => new Uint8Array(size).fill(7)),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const chunks = [...byteChunks(parts)];
      expect(Buffer.concat(chunks).equals(Buffer.concat(parts))).toBe(true);
      expect(chunks.every(({ length }) => length > 0)).toBe(true);
      expect(chunks.slice(0, -1).every(({ length }) => length >= CHUNK)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

describe('a reader', () => {
  test('that is slow holds the work back to about a chunk ahead', async () => {
    const parts = new Endless(1024);
    const reader = textStream(parts).getReader();
    await reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(parts.taken).toBeGreaterThanOrEqual(64);
    expect(parts.taken).toBeLessThanOrEqual(2 * 64);
    await reader.cancel();
  });

  test('that goes away ends the iteration', async () => {
    const parts = new Endless(1024);
    const reader = textStream(parts).getReader();
    await reader.read();
    expect(parts.left).toBe(false);
    await reader.cancel();
    expect(parts.left).toBe(true);
    const { taken } = parts;
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    expect(parts.taken).toBe(taken);
  });

  test('of rows that fail gets what was ready, then the error', async () => {
    function* failing() {
      yield 'a'.repeat(CHUNK);
      yield 'b';
      throw new Error('a segment is gone');
    }
    const reader = textStream(failing()).getReader();
    expect((await reader.read()).value?.length).toBe(CHUNK);
    await expect(reader.read()).rejects.toThrow('a segment is gone');
  });
});
