import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { utf8Encode } from '../../core/index.js';
import { InFlightBytes } from '../in-flight.js';
import { httpError } from './errors.js';
import { type PushBodyLimits, readPushBody } from './push-body.js';

const LIMITS = { maxPackedBytes: 3 * 2 ** 20, maxBytes: 4 * 2 ** 20, stallMs: 1000 };

/** A request whose body comes in these chunks. */
function requestOf(chunks: Iterable<Uint8Array>, headers: Record<string, string> = {}): Request {
  const body = ReadableStream.from(chunks) as unknown as ReadableStream<Uint8Array>;
  return new Request('http://localhost/', { method: 'POST', headers, body, duplex: 'half' });
}

function piecesOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => bytes.slice(i * size, (i + 1) * size));
}

async function read(request: Request, limits: Partial<PushBodyLimits> = {}) {
  const all = new InFlightBytes(8 * 2 ** 20, { what: 'pushes', setting: 'push.queueBytes' });
  const share = all.share();
  try {
    const body = await readPushBody(request, { ...LIMITS, ...limits }, share);
    expect(all.bytes).toBe(body.length);
    return body;
  } finally {
    share.release();
  }
}

const refusalOf = (request: Request, limits?: Partial<PushBodyLimits>) =>
  read(request, limits).then(
    () => ({ status: 200, text: '' }),
    (error: unknown) => {
      const { status, body } = httpError(error);
      return { status, text: String(body.errorMessage) };
    },
  );

const GZIP = { 'content-encoding': 'gzip' };
const text = utf8Encode('{"a":1}\n'.repeat(1000));

test.each([1, 7, 100_000])('a body in chunks of %i bytes', async (size) => {
  expect(await read(requestOf(piecesOf(text, size)))).toEqual(text);
  expect(await read(requestOf(piecesOf(gzipSync(text), size), GZIP))).toEqual(text);
});

test('it has memory of its own, so that it can move', async () => {
  const body = await read(requestOf([text]));
  expect(body.buffer.byteLength).toBe(body.length);
});

test('members of gzip one after the other are one body', async () => {
  const packed = Buffer.concat([gzipSync('one\n'), gzipSync('two\n')]);
  expect(await read(requestOf([packed], GZIP))).toEqual(utf8Encode('one\ntwo\n'));
});

describe('what is refused', () => {
  const MEBIBYTE = 2 ** 20;
  const noise = Uint8Array.from(
    { length: 5 * MEBIBYTE },
    (_, i) => Math.imul(i, 2654435761) >>> 24,
  );

  test('more bytes than may be sent', async () => {
    const refusal = await refusalOf(requestOf(piecesOf(noise, 65_536)));
    expect(refusal).toMatchObject({
      status: 413,
      text: expect.stringContaining('http.maxBodyBytes'),
    });
  });

  test('more bytes than may be unpacked', async () => {
    const packed = gzipSync(noise);
    expect(packed.length).toBeLessThan(LIMITS.maxPackedBytes);
    const refusal = await refusalOf(requestOf(piecesOf(packed, 65_536), GZIP));
    expect(refusal).toMatchObject({
      status: 413,
      text: expect.stringContaining('push.maxBodyBytes'),
    });
  });

  test('a small body that becomes a huge one', async () => {
    const refusal = await refusalOf(requestOf([gzipSync(new Uint8Array(3 * MEBIBYTE))], GZIP));
    expect(refusal).toMatchObject({ status: 400, text: expect.stringContaining('100 times') });
    expect(await read(requestOf([gzipSync(new Uint8Array(MEBIBYTE))], GZIP))).toHaveLength(
      MEBIBYTE,
    );
  });

  test.each([
    { name: 'not gzip', body: text },
    { name: 'cut', body: gzipSync(text).subarray(0, 20) },
  ])('$name', async ({ body }) => {
    const refusal = await refusalOf(requestOf([body], GZIP));
    expect(refusal).toMatchObject({ status: 400, text: expect.stringContaining('not valid gzip') });
  });

  test('an encoding that is not known', async () => {
    const refusal = await refusalOf(requestOf([text], { 'content-encoding': 'br' }));
    expect(refusal).toMatchObject({ status: 415, text: expect.stringContaining('want gzip') });
  });

  test('a client that stops sending', async () => {
    async function* stalling() {
      yield text;
      await new Promise(() => undefined);
    }
    const chunks = stalling() as unknown as Iterable<Uint8Array>;
    const refusal = await refusalOf(requestOf(chunks), { stallMs: 20 });
    expect(refusal).toMatchObject({ status: 408, text: expect.stringContaining('20 ms') });
  });

  test('a client that goes away', async () => {
    async function* breaking() {
      yield text;
      throw new Error('gone');
    }
    await expect(read(requestOf(breaking() as unknown as Iterable<Uint8Array>))).rejects.toThrow(
      'gone',
    );
  });
});
