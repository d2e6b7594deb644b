import { utf8Decode } from '../../core/index.js';

/** A line longer than this is not text that anybody meant as one record. */
export const MAX_LINE_BYTES = 32 * 1024 * 1024;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** A run of complete lines, without their ends, and the bytes they took. */
export interface Lines {
  readonly texts: readonly string[];
  readonly bytes: number;
}

/**
 * Cuts chunks of bytes into lines, ended by LF or CRLF; the last line may lack its end. A byte order
 * mark at the beginning is dropped. A line beyond MAX_LINE_BYTES is cut there.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Lines> {
  let rest: Uint8Array = new Uint8Array(0);
  let isFirst = true;
  for await (const chunk of chunks) {
    const block = rest.length === 0 ? chunk : concatenate(rest, chunk);
    const end = block.lastIndexOf(LINE_FEED) + 1;
    rest = block.slice(end);
    if (end > 0) {
      yield { texts: split(block.subarray(0, end), isFirst), bytes: end };
      isFirst = false;
    } else if (rest.length > MAX_LINE_BYTES) {
      yield { texts: split(rest, isFirst), bytes: rest.length };
      isFirst = false;
      rest = new Uint8Array(0);
    }
  }
  if (rest.length > 0) yield { texts: split(rest, isFirst), bytes: rest.length };
}

function split(block: Uint8Array, isFirst: boolean): string[] {
  const texts: string[] = [];
  let start = isFirst && hasByteOrderMark(block) ? 3 : 0;
  while (start < block.length) {
    const found = block.indexOf(LINE_FEED, start);
    const end = found < 0 ? block.length : found;
    const last = end > start && block[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    texts.push(utf8Decode(block.subarray(start, last)));
    start = end + 1;
  }
  return texts;
}

const hasByteOrderMark = (block: Uint8Array): boolean =>
  block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf;

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
