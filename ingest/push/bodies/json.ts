import type { BodyOptions, BodyRows } from './body.js';
import { RowsBuilder } from './rows-builder.js';
import { contentStart, trimmed } from './spans.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const [OPEN_LIST, CLOSE_LIST] = [0x5b, 0x5d];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

/**
 * An array of JSON objects, or a single object; anything else is one malformed row. Elements are
 * parted by commas outside of brackets and texts, and each is read strictly and by itself, so that a
 * bad one costs no other. What follows the array, and an element that nothing ends, are bad rows.
 */
export function readJson(body: Uint8Array, { maxRowBytes }: BodyOptions): BodyRows {
  const rows = new RowsBuilder(body, maxRowBytes);
  const [start, end] = trimmed(body, contentStart(body), body.length);
  if (body[start] === OPEN_LIST) readElements(body, start + 1, end, rows);
  else rows.addObject(start, end);
  return rows.build('json');
}

function readElements(body: Uint8Array, first: number, end: number, rows: RowsBuilder): void {
  let start = first;
  let isLast = false;
  while (!isLast) {
    const stop = elementEnd(body, start, end);
    const [from, to] = trimmed(body, start, stop);
    isLast = body[stop] !== COMMA;
    const isEmptyList = isLast && from === to && rows.count === 0;
    if (stop === end) rows.addMalformed(from, to, 'not valid JSON: the array does not end');
    else if (!isEmptyList) rows.addObject(from, to);
    start = stop + 1;
  }
  const [from, to] = trimmed(body, Math.min(start, end), end);
  if (from < to) {
    rows.addMalformed(from, to, 'not valid JSON: there is something behind the array');
  }
}

/** Where the comma or bracket stands that ends the element; `end` when there is none. */
function elementEnd(body: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = body[at]!;
    if (byte === QUOTE) at = textEnd(body, at, end);
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      if (depth === 0) return byte === CLOSE_LIST ? at : end;
      depth--;
    } else if (byte === COMMA && depth === 0) return at;
  }
  return end;
}

/** Where the closing quote of the text stands that begins at `start`. */
function textEnd(body: Uint8Array, start: number, end: number): number {
  let at = start + 1;
  while (at < end && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at;
}
