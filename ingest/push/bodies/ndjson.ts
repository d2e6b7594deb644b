import type { BodyOptions, BodyRows } from './body.js';
import { RowsBuilder } from './rows-builder.js';
import { linesIn, trimmed } from './spans.js';

/** One JSON object a line; blank lines are no rows. */
export function readNdjson(body: Uint8Array, { maxRowBytes }: BodyOptions): BodyRows {
  const rows = new RowsBuilder(body, maxRowBytes);
  linesIn(body, (start, end) => {
    const [from, to] = trimmed(body, start, end);
    if (from < to) rows.addObject(from, to);
  });
  return rows.build('ndjson');
}
