const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

type SpanSink = (start: number, end: number) => void;

/** The lines of a text without their ends, LF or CRLF; a byte order mark at its beginning is passed over. */
export function linesIn(text: Uint8Array, sink: SpanSink): void {
  let start = contentStart(text);
  while (start < text.length) {
    const found = text.indexOf(LINE_FEED, start);
    const end = found < 0 ? text.length : found;
    sink(start, end > start && text[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
    start = end + 1;
  }
}

/** The span without blanks at its ends; empty when it is all blank. */
export function trimmed(text: Uint8Array, start: number, end: number): [from: number, to: number] {
  let [from, to] = [start, end];
  while (from < to && isBlank(text[from]!)) from++;
  while (to > from && isBlank(text[to - 1]!)) to--;
  return [from, to];
}

/** Behind the byte order mark, if there is one. */
export const contentStart = (text: Uint8Array): number =>
  text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? 3 : 0;

/** What JSON takes for blank. */
const isBlank = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
