const LINE_FEED = 10;

/** Takes a run of bytes, without the blanks around it. */
export type SpanSink = (start: number, end: number) => void;

/** The lines of a text that are not blank; a byte order mark at its beginning is passed over. */
export function linesIn(text: Uint8Array, sink: SpanSink): void {
  let start = contentStart(text);
  while (start < text.length) {
    const found = text.indexOf(LINE_FEED, start);
    const end = found < 0 ? text.length : found;
    trimmed(text, start, end, (from, to) => {
      if (from < to) sink(from, to);
    });
    start = end + 1;
  }
}

/** The span without blanks at its ends; empty at its start when it is all blank. */
export function trimmed(text: Uint8Array, start: number, end: number, sink: SpanSink): void {
  let [from, to] = [start, end];
  while (from < to && isBlank(text[from]!)) from++;
  while (to > from && isBlank(text[to - 1]!)) to--;
  sink(from, to);
}

/** Behind the byte order mark, if there is one. */
export const contentStart = (text: Uint8Array): number =>
  text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? 3 : 0;

/** What JSON takes for blank. */
const isBlank = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
