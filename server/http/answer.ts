import type { Context } from 'hono';
import { textStream } from './stream.js';

/** Shorter answers are not worth a stream. */
const SHORT_CHARACTERS = 16 * 1024;
/** Nor are shorter ones worth to be compressed. */
const COMPRESSED_FROM = 1024;

/** Set for answers that go out as they are. */
const AS_IT_IS = 'asItIs';

/** Answers with the text of `parts`: at once where it is short, else as the client reads it. */
export function answerText(context: Context, parts: Iterable<string>): Response {
  const iterator = parts[Symbol.iterator]();
  let text = '';
  while (text.length < SHORT_CHARACTERS) {
    const { value, done } = iterator.next();
    if (done === true) {
      if (text.length < COMPRESSED_FROM) context.set(AS_IT_IS, true);
      return context.body(text);
    }
    text += value;
  }
  return context.body(textStream(following(text, iterator)));
}

function* following(first: string, rest: Iterator<string>): Generator<string> {
  let isDone = false;
  try {
    yield first;
    for (;;) {
      const { value, done } = rest.next();
      if (done === true) {
        isDone = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!isDone) rest.return?.();
  }
}

/** Whether the answer is too short to be compressed. */
export const isAsItIs = (context: Context): boolean => context.get(AS_IT_IS) === true;
