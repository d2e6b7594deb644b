/** Bytes gathered before a chunk goes to the socket: large enough to be cheap, small enough to flow. */
export const CHUNK_BYTES = 64 * 1024;

/**
 * A response body that takes `chunks` as the client reads them: nothing is produced ahead of a
 * slow reader beyond one chunk, and a reader that goes away ends the iteration.
 */
export function chunkStream(chunks: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.iterator]();
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel() {
      iterator.return?.();
    },
  });
}

/** Text in chunks, none of them empty. All but the last have CHUNK_BYTES or more. */
export function* textChunks(parts: Iterable<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length < CHUNK_BYTES) continue;
    yield encoder.encode(text);
    text = '';
  }
  if (text !== '') yield encoder.encode(text);
}

/** The same of bytes. */
export function* byteChunks(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let length = 0;
  for (const part of parts) {
    gathered.push(part);
    length += part.length;
    if (length < CHUNK_BYTES) continue;
    yield Buffer.concat(gathered, length);
    gathered = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(gathered, length);
}
