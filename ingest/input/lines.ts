import { utf8Decode } from '../../core/index.js';
import type { BadRecord } from './batch.js';

/** A longer line is lost: it is not text that anybody meant as one record. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Of a line's end, at most. */
const END_BYTES = 2;

/** How much of a lost line is shown. */
const SHOWN_BYTES = 200;

/** A run of complete lines as bytes, and how many bytes of the input they are. */
export interface Block {
  /**
   * In pieces that follow one another, cut anywhere; all together end with a line's end, or with the input. Lines that
   * began and ended in one piece may still be too long.
   */
  readonly pieces: readonly Uint8Array[];
  /** A line that was too long. */
  readonly bad: readonly BadRecord[];
  readonly bytes: number;
}

/** A run of complete lines, without their ends, and the bytes they took. */
export interface Lines {
  readonly texts: readonly string[];
  /** Lines that were too long. */
  readonly bad: readonly BadRecord[];
  readonly bytes: number;
}

/**
 * Cuts chunks of bytes into lines, ended by LF or CRLF; the last line may lack its end. A byte order
 * mark at the beginning is dropped. Time and memory are linear in the input however it is chunked.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes = MAX_LINE_BYTES,
): AsyncIterable<Lines> {
  for await (const block of blocksOf(chunks, maxLineBytes)) yield cut(block, maxLineBytes);
}

/** Cuts chunks of bytes where lines end; as `linesOf` otherwise. A block is valid until the next one is asked for. */
export async function* blocksOf(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes = MAX_LINE_BYTES,
): AsyncIterable<Block> {
  const begun = new BegunLine(maxLineBytes);
  let isFirst = true;
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      yield blockOf(begun, chunk.subarray(0, end), isFirst, maxLineBytes);
      isFirst = false;
    }
    begun.add(chunk.subarray(end));
  }
  if (begun.bytes > 0) yield blockOf(begun, new Uint8Array(0), isFirst, maxLineBytes);
}

/** The pieces of a line whose end has not come yet; of a line that is too long only the first ones. */
class BegunLine {
  bytes = 0;
  #pieces: Uint8Array[] = [];

  constructor(private readonly maxBytes: number) {}

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    // A copy, because the chunk may be of a buffer that is filled again.
    if (this.bytes <= this.maxBytes + END_BYTES) this.#pieces.push(piece.slice());
    this.bytes += piece.length;
  }

  /** What was kept, in pieces; starts over. */
  take(): Uint8Array[] {
    this.bytes = 0;
    return this.#pieces.splice(0);
  }
}

/** The lines of what has begun and of `whole`, which ends with a line's end or the input. */
function blockOf(
  begun: BegunLine,
  whole: Uint8Array,
  isFirst: boolean,
  maxLineBytes: number,
): Block {
  const bytes = begun.bytes + whole.length;
  const head = whole.indexOf(LINE_FEED) + 1;
  if (begun.bytes > 0 && begun.bytes + head > maxLineBytes + END_BYTES) {
    const line = joined([...begun.take(), whole.subarray(0, head)]);
    return { pieces: [whole.subarray(head)], bad: [tooLong(line, maxLineBytes)], bytes };
  }
  const pieces = [...begun.take(), whole];
  return { pieces: isFirst ? withoutMark(pieces) : pieces, bad: [], bytes };
}

/** The lines of a block. */
export function cut({ pieces, bad: lost, bytes }: Block, maxLineBytes = MAX_LINE_BYTES): Lines {
  const block = joined(pieces);
  const bad = [...lost];
  const texts: string[] = [];
  let start = 0;
  while (start < block.length) {
    const found = block.indexOf(LINE_FEED, start);
    const end = found < 0 ? block.length : found;
    const last = end > start && block[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    if (last - start > maxLineBytes) bad.push(tooLong(block.subarray(start, last), maxLineBytes));
    else texts.push(utf8Decode(block.subarray(start, last)));
    start = end + 1;
  }
  return { texts, bad, bytes };
}

const tooLong = (line: Uint8Array, maxLineBytes: number): BadRecord => ({
  input: `${utf8Decode(line.subarray(0, SHOWN_BYTES))}…`,
  reason: `the line has more than ${maxLineBytes} bytes`,
});

/** The bytes of pieces that follow one another. */
export const joined = (pieces: readonly Uint8Array[]): Uint8Array =>
  pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);

/** The pieces without a byte order mark at their begin. */
function withoutMark(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const first = joined(pieces.map((piece) => piece.subarray(0, 3)));
  const hasMark = first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf;
  return hasMark ? [joined(pieces).subarray(3)] : pieces;
}
