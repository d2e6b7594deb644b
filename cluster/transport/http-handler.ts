import { INTERNAL_PATH } from './call-headers.js';
import type { NodeMethods } from './node-methods.js';

/** Answers `POST /varve/internal/v1/<method>`, for an HTTP server of web requests (`app.post('/varve/internal/*', …)`). */
export function httpHandler(methods: NodeMethods): (request: Request) => Response {
  return (request) => {
    const answer = methods.answer({
      method: new URL(request.url).pathname.slice(INTERNAL_PATH.length),
      header: (name) => request.headers.get(name),
      body: request.body ?? emptyBody(),
      signal: request.signal,
    });
    const { status } = answer;
    if (status !== 200) return new Response(null, { status });
    const headers = { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' };
    return new Response(streamOf(answer.body), { headers });
  };
}

/** Pulls a piece when the socket has taken the one before, so that a slow reader holds no more than that. */
function streamOf(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { value, done } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      // The iterator may be in a step that ends only with the request's signal, which is raised, too.
      cancel: () => void iterator.return?.()?.catch(() => {}),
    },
    { highWaterMark: 0 },
  );
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}
