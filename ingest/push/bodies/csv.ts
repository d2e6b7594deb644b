import { isUtf8 } from 'node:buffer';
import { utf8Decode, utf8Encode } from '../../../core/index.js';
import { cellValue, DEFAULT_LIST_DELIMITER } from '../../input/formats/columns.js';
import { splitCsv } from '../../input/formats/csv.js';
import type { BodyOptions, BodyRows } from './body.js';
import { NOT_UTF8, RowsBuilder } from './rows-builder.js';
import { contentStart, linesIn } from './spans.js';

/** A line that is a row. */
interface Line {
  readonly row: number;
  readonly text: string;
}

/**
 * Comma-separated values, a record a line; the first line names the columns unless they are given.
 * Empty lines are no rows. Where the header cannot be read the body is one malformed row. The raw form
 * of a row begins with the header, so that it can be read by itself.
 */
export function readCsv(body: Uint8Array, { maxRowBytes, columns }: BodyOptions): BodyRows {
  const spans: (readonly [number, number])[] = [];
  linesIn(body, (start, end) => {
    if (start < end) spans.push([start, end]);
  });
  const rows = new RowsBuilder(body, maxRowBytes);
  const headerSpan = columns === null ? spans.shift() : undefined;
  if (columns === null && headerSpan === undefined) return rows.build('csv');
  const header = headerSpan ? body.subarray(...headerSpan) : headerOf(columns ?? []);
  const names = columns ?? readHeader(header);
  if (typeof names === 'string') {
    rows.addMalformed(contentStart(body), body.length, `the header of the csv ${names}`);
    return rows.build('csv');
  }
  addRows(rows, readLines(body, spans, rows), names);
  return rows.build('csv', Buffer.concat([header, Uint8Array.of(0x0a)]));
}

/** The lines that can be looked at. */
function readLines(
  body: Uint8Array,
  spans: readonly (readonly [number, number])[],
  rows: RowsBuilder,
): Line[] {
  const lines: Line[] = [];
  for (const [start, end] of spans) {
    const row = rows.add(start, end);
    if (row === null) continue;
    const bytes = body.subarray(start, end);
    if (isUtf8(bytes)) lines.push({ row, text: utf8Decode(bytes) });
    else rows.malformed(row, NOT_UTF8);
  }
  return lines;
}

function addRows(rows: RowsBuilder, lines: readonly Line[], names: readonly string[]): void {
  for (const [i, cells] of splitCsv(lines.map(({ text }) => text)).entries()) {
    const { row } = lines[i]!;
    if (cells instanceof Error) rows.malformed(row, cells.message);
    else {
      rows.good(row, (batch) => {
        const count = Math.min(names.length, cells.length);
        for (let c = 0; c < count; c++) {
          batch.set(names[c]!, cellValue(cells[c]!, DEFAULT_LIST_DELIMITER));
        }
      });
    }
  }
}

/** The names in a header, or what is wrong with it; an empty cell becomes `column_<n>`, counted from 1. */
function readHeader(header: Uint8Array): string[] | string {
  if (!isUtf8(header)) return 'is not UTF-8';
  const [cells = []] = splitCsv([utf8Decode(header)]);
  if (cells instanceof Error) return `cannot be read: ${cells.message}`;
  const names = cells.map((cell, i) => (cell === null || cell === '' ? `column_${i + 1}` : cell));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined
    ? names
    : `names the column ${JSON.stringify(twice)} twice; rename one`;
}

const headerOf = (columns: readonly string[]): Uint8Array =>
  utf8Encode(columns.map((name) => `"${name.replaceAll('"', '""')}"`).join(','));
