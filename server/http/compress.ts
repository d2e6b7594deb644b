import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Context, MiddlewareHandler } from 'hono';
import { isAsItIs } from './answer.js';
import { preferences } from './preferences.js';

type MakePacker = () => Transform;

/** Node's own zstd, from 22.15 on, which the types of Node 20 do not know. */
const zstd =
  'createZstdCompress' in zlib
    ? (zlib as unknown as { readonly createZstdCompress: MakePacker }).createZstdCompress
    : null;

/** What answers are packed by, by the name that HTTP has for it; the best first. They work in threads of Node's pool. */
export const PACKERS: ReadonlyMap<string, MakePacker> = new Map<string, MakePacker>([
  ...(zstd === null ? [] : ([['zstd', () => zstd()]] as const)),
  ['gzip', () => zlib.createGzip()],
  ['deflate', () => zlib.createDeflate()],
]);

/** Which of `names`, the best first, a client wants by its Accept-Encoding; null: as it is. */
export function chosenEncoding(
  header: string | undefined,
  names: Iterable<string> = PACKERS.keys(),
): string | null {
  const wanted = preferences(header ?? '');
  let best: string | null = null;
  let most = wanted.get('identity') ?? 0;
  for (const name of names) {
    const quality = wanted.get(name) ?? wanted.get('*') ?? 0;
    // What is liked as much as the answer as it is, is worth it.
    if (quality === 0 || quality < most || (quality === most && best !== null)) continue;
    best = name;
    most = quality;
  }
  return best;
}

/** Compresses answers as their clients ask, but for short ones: to look at their headers would already take longer than to send them. */
export function compressLong(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    if (!isAsItIs(context)) pack(context);
  };
}

function pack(context: Context): void {
  const { body, headers } = context.res;
  if (body === null || context.req.method === 'HEAD' || headers.has('Content-Encoding')) return;
  headers.append('Vary', 'Accept-Encoding');
  const encoding = chosenEncoding(context.req.header('Accept-Encoding'));
  if (encoding === null) return;
  context.res = new Response(packedStream(body, PACKERS.get(encoding)!()), context.res);
  context.res.headers.delete('Content-Length');
  context.res.headers.set('Content-Encoding', encoding);
  // A strong one promises the same bytes.
  const etag = headers.get('ETag');
  if (etag !== null) context.res.headers.set('ETag', `W/${etag}`);
}

/** A body that is packed as the client reads it: no more of `body` is taken than it needs, and a reader that goes away ends it. */
export function packedStream(
  body: ReadableStream<Uint8Array>,
  packer: Transform,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const packed: Uint8Array[] = [];
  packer.on('data', (chunk: Uint8Array) => void packed.push(chunk));
  // Whoever writes is told.
  packer.on('error', () => undefined);
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    let isDone = false;
    while (packed.length === 0 && !isDone) {
      const { value, done } = await reader.read();
      isDone = done;
      await (value === undefined ? ended(packer) : written(packer, value));
    }
    for (const chunk of packed.splice(0)) controller.enqueue(chunk);
    if (isDone) controller.close();
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        await pull(controller);
      } catch (error) {
        packer.destroy();
        throw error;
      }
    },
    async cancel(reason) {
      packer.destroy();
      await reader.cancel(reason);
    },
  });
}

const written = (packer: Transform, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    packer.write(chunk, (error) => (error ? reject(error) : resolve()));
  });

/** Ends it, and waits until all that it packed has been seen. */
const ended = (packer: Transform): Promise<void> =>
  new Promise((resolve, reject) => {
    packer.once('end', resolve).once('error', reject).end();
  });
