import { parse } from 'csv-parse/sync';
import { readTextColumns } from './columns.js';
import type { InputFormat } from './format.js';
import { type Cells, type LineSplitter, readSeparated } from './separated.js';

/** Comma-separated values with RFC 4180 quoting. As in Druid, a record ends with its line. */
export function readCsvFormat(json: unknown, field: string): InputFormat {
  const settings = readTextColumns(json, field);
  return { type: 'csv', read: (entity) => readSeparated(entity, settings, splitCsv) };
}

/** Nothing between two commas is null; a quoted nothing is the empty text. */
const splitCsv: LineSplitter = (lines) => {
  const quoted = parseQuoted(lines.filter(hasQuote));
  let next = 0;
  return lines.map((line) => (hasQuote(line) ? quoted[next++]! : splitPlain(line)));
};

const hasQuote = (line: string): boolean => line.includes('"');

const splitPlain = (line: string): Cells =>
  line.split(',').map((cell) => (cell === '' ? null : cell));

/**
 * Lines with quotes. All in one call, because to begin a call costs more than a line does; when some
 * quote does not close with its line, each line alone.
 */
function parseQuoted(lines: readonly string[]): readonly (Cells | Error)[] {
  if (lines.length === 0) return [];
  const together = parseLines(lines);
  if (Array.isArray(together) && together.length === lines.length) return together;
  return lines.map(parseLine);
}

function parseLine(line: string): Cells | Error {
  const records = parseLines([line]);
  return records instanceof Error ? records : (records[0] ?? []);
}

function parseLines(lines: readonly string[]): Cells[] | Error {
  try {
    return parse(lines.join('\n'), {
      record_delimiter: '\n',
      relax_column_count: true,
      relax_quotes: true,
      cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
    }) as (string | null)[][];
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
