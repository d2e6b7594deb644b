import type { Context } from 'hono';
import { stringifyJson } from '../../core/index.js';
import { byteChunks, CHUNK_BYTES, chunkStream, textChunks } from './stream.js';

/** Shorter answers are not worth to be compressed. */
const COMPRESSED_FROM = 1024;

/** Set for answers that go out as they are. */
const AS_IT_IS = 'asItIs';

/** Answers with JSON that may hold integers of 64 bits, as what clients have posted may: only our own writer knows them. */
export const answerJson = (
  context: Context,
  json: unknown,
  status: 200 | 202 | 404 = 200,
): Response => context.body(stringifyJson(json), status, { 'Content-Type': 'application/json' });

/** Answers with the text of `parts`: at once where it is short, else as the client reads it. */
export const answerText = (context: Context, parts: Iterable<string>): Response =>
  answerChunks(context, textChunks(parts));

/** The same with bytes. */
export const answerBytes = (context: Context, parts: Iterable<Uint8Array>): Response =>
  answerChunks(context, byteChunks(parts));

function answerChunks(context: Context, chunks: Generator<Uint8Array>): Response {
  const { value: first, done } = chunks.next();
  const length = done === true ? 0 : first.length;
  if (length < COMPRESSED_FROM) context.set(AS_IT_IS, true);
  if (done === true) return context.body('');
  // Only the last chunk is shorter.
  if (length < CHUNK_BYTES) return context.body(first as Uint8Array<ArrayBuffer>);
  return context.body(chunkStream(following(first, chunks)));
}

function* following(first: Uint8Array, rest: Generator<Uint8Array>): Generator<Uint8Array> {
  try {
    yield first;
    yield* rest;
  } finally {
    rest.return(undefined);
  }
}

/** Whether the answer is too short to be compressed. */
export const isAsItIs = (context: Context): boolean => context.get(AS_IT_IS) === true;
