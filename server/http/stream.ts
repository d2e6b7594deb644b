/** Bytes gathered before a chunk goes to the socket: large enough to be cheap, small enough to flow. */
const CHUNK_BYTES = 64 * 1024;

/**
 * A response body that writes `parts` as the client reads them: nothing is produced ahead of a
 * slow reader beyond one chunk, and a reader that goes away ends the iteration.
 */
export function textStream(parts: Iterable<string>): ReadableStream<Uint8Array> {
  const iterator = parts[Symbol.iterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      let text = '';
      while (text.length < CHUNK_BYTES) {
        const { value, done } = iterator.next();
        if (done === true) {
          if (text !== '') controller.enqueue(encoder.encode(text));
          controller.close();
          return;
        }
        text += value;
      }
      controller.enqueue(encoder.encode(text));
    },
    cancel() {
      iterator.return?.();
    },
  });
}
