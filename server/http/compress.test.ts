import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { decompress as unpackZstd } from 'fzstd';
import { Hono } from 'hono';
import { describe, expect, test, vi } from 'vitest';
import { SeededRandom } from '../../core/index.js';
import { answerText } from './answer.js';
import { chosenEncoding, compressLong, PACKERS, packedStream } from './compress.js';
import { listen } from './serve.js';
import { chunkStream, textChunks } from './stream.js';

const textStream = (parts: Iterable<string>) => chunkStream(textChunks(parts));

const UNPACKERS: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  zstd: (bytes) => unpackZstd(bytes),
  gzip: (bytes) => zlib.gunzipSync(bytes),
  deflate: (bytes) => zlib.inflateSync(bytes),
};
const random = new SeededRandom(1);
const ALL = ['zstd', 'gzip', 'deflate'];

test.each([
  { header: undefined, expected: null },
  { header: '', expected: null },
  { header: 'gzip', expected: 'gzip' },
  { header: 'deflate, gzip', expected: 'gzip' },
  { header: 'GZIP , deflate', expected: 'gzip' },
  { header: 'gzip, deflate, br, zstd', expected: 'zstd' },
  { header: 'gzip;q=0.5, deflate;q=0.8', expected: 'deflate' },
  { header: 'gzip;q=0, deflate;q=0.1', expected: 'deflate' },
  { header: 'gzip;q=0', expected: null },
  { header: 'gzip; Q=0.000', expected: null },
  { header: 'br', expected: null },
  { header: '*', expected: 'zstd' },
  { header: '*, zstd;q=0', expected: 'gzip' },
  { header: '*;q=0', expected: null },
  { header: '*;q=0, gzip', expected: 'gzip' },
  { header: 'identity', expected: null },
  { header: 'identity, gzip', expected: 'gzip' },
  { header: 'identity, gzip;q=0.9', expected: null },
  { header: 'identity;q=0.5, *;q=0.6', expected: 'zstd' },
  { header: 'identity;q=0, *;q=0', expected: null },
])('Accept-Encoding "$header" chooses $expected', ({ header, expected }) => {
  expect(chosenEncoding(header, ALL)).toBe(expected);
});

test('without zstd, what is next is chosen', () => {
  expect(chosenEncoding('gzip, zstd', ['gzip', 'deflate'])).toBe('gzip');
  expect(chosenEncoding('zstd', ['gzip', 'deflate'])).toBeNull();
  expect([...PACKERS.keys()]).toEqual('createZstdCompress' in zlib ? ALL : ALL.slice(1));
});

describe.each([...PACKERS])('%s', (name, makePacker) => {
  test('gives the same bytes', async () => {
    const part = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.nat(200_000).map((size) => 'ü'.repeat(size)),
      fc.integer({ min: 1, max: 100_000 }).map(noise),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        const packed: Uint8Array[] = [];
        for await (const chunk of packedStream(textStream(parts), makePacker())) packed.push(chunk);
        const text = Buffer.from(UNPACKERS[name]!(Buffer.concat(packed))).toString('utf8');
        expect(text === parts.join('')).toBe(true);
        expect(packed.every(({ length }) => length > 0)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('takes no more than a slow reader needs, and ends with it', async () => {
    let taken = 0;
    let left = false;
    function* endless() {
      try {
        for (;;) {
          taken++;
          yield noise(64 * 1024);
        }
      } finally {
        left = true;
      }
    }
    const reader = packedStream(textStream(endless()), makePacker()).getReader();
    for (let i = 0; i < 3; i++) await reader.read();
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    // Each read is half a part or more, and one is ahead; so is a part of the source.
    expect(taken).toBeLessThanOrEqual(8);
    expect(left).toBe(false);
    await reader.cancel();
    expect(left).toBe(true);
    const before = taken;
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    expect(taken).toBe(before);
  });

  test('tells of what fails', async () => {
    function* failing() {
      yield noise(64 * 1024);
      throw new Error('a segment is gone');
    }
    const read = async () => {
      for await (const _ of packedStream(textStream(failing()), makePacker()));
    };
    await expect(read()).rejects.toThrow('a segment is gone');
  });
});

test('answers are compressed as asked, and short ones are not', async () => {
  const app = new Hono();
  app.use(compressLong());
  app.get('/short', (context) => answerText(context, ['{}']));
  app.get('/long', (context) => {
    context.header('ETag', '"a"');
    return answerText(context, ['x'.repeat(40_000)]);
  });
  app.get('/streamed', (context) => answerText(context, ['x'.repeat(90_000), 'y'.repeat(90_000)]));
  app.get('/none', (context) => context.body(null, 304));
  const get = (path: string, encoding: string) =>
    app.request(path, { headers: { 'accept-encoding': encoding } });
  for (const encoding of PACKERS.keys()) {
    const packed = await get('/long', encoding);
    expect(packed.headers.get('content-encoding')).toBe(encoding);
    expect(packed.headers.get('vary')).toBe('Accept-Encoding');
    expect(packed.headers.get('etag')).toBe('W/"a"');
    const bytes = UNPACKERS[encoding]!(new Uint8Array(await packed.arrayBuffer()));
    expect(bytes.length).toBe(40_000);
  }
  const plain = await get('/long', 'br');
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(plain.headers.get('etag')).toBe('"a"');
  expect((await plain.text()).length).toBe(40_000);
  expect((await (await get('/streamed', 'identity')).text()).length).toBe(180_000);
  expect((await get('/short', 'gzip')).headers.get('content-encoding')).toBeNull();
  const head = await app.request('/long', {
    method: 'HEAD',
    headers: { 'accept-encoding': 'gzip' },
  });
  expect(head.headers.get('content-encoding')).toBeNull();
  expect((await get('/none', 'gzip')).status).toBe(304);
});

test.each([...PACKERS.keys(), 'identity'])(
  'a client that goes away ends its answer by %s',
  async (encoding) => {
    let taken = 0;
    let left = false;
    function* endless() {
      try {
        for (;;) {
          taken++;
          yield noise(64 * 1024);
        }
      } finally {
        left = true;
      }
    }
    const app = new Hono();
    app.use(compressLong());
    app.get('/', (context) => answerText(context, endless()));
    const times = { requestTimeoutMs: 10_000, keepAliveTimeoutMs: 10_000, drainTimeoutMs: 0 };
    const listener = await listen(app, { host: '127.0.0.1', port: 0, ...times });
    const controller = new AbortController();
    const headers = { 'accept-encoding': encoding };
    const response = await fetch(listener.url, { headers, signal: controller.signal });
    await response.body!.getReader().read();
    // What sockets hold for a client that does not read is some megabytes.
    expect(await settled(() => taken)).toBeLessThan(1000);
    expect(left).toBe(false);
    controller.abort();
    await vi.waitUntil(() => left, { timeout: 10_000 });
    await listener.close();
  },
);

/** What a count is when it does not grow any more. */
async function settled(count: () => number): Promise<number> {
  let before = -1;
  for (let same = 0; same < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    same = count() === before ? same + 1 : 0;
    before = count();
  }
  return before;
}

/** Text that hardly gets smaller. */
function noise(length: number): string {
  const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => random.nextUint32());
  return Buffer.from(words.buffer).toString('latin1', 0, length);
}
