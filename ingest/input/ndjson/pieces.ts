import { BLOCK_BYTES } from './tokenizer.js';

const LINE_FEED = 10;

/** Runs of whole lines of at most BLOCK_BYTES, or single lines that are longer. */
export function* piecesOf(lines: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  while (start < lines.length) {
    let end = lines.length;
    if (end - start > BLOCK_BYTES) {
      end = lines.lastIndexOf(LINE_FEED, start + BLOCK_BYTES - 1) + 1;
      if (end <= start) end = lines.indexOf(LINE_FEED, start) + 1 || lines.length;
    }
    yield lines.subarray(start, end);
    start = end;
  }
}
