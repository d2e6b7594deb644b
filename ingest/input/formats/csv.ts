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
export const splitCsv: LineSplitter = (lines) => {
  const kinds = lines.map(kindOf);
  const quoted = parseQuoted(
    lines.filter((_, i) => kinds[i] === 'quoted'),
    false,
  );
  const doubtful = parseQuoted(
    lines.filter((_, i) => kinds[i] === 'doubtful'),
    true,
  );
  let [nextQuoted, nextDoubtful] = [0, 0];
  return lines.map((line, i) => {
    if (kinds[i] === 'plain') return line.split(',').map(emptyToNull);
    return kinds[i] === 'quoted' ? quoted[nextQuoted++]! : doubtful[nextDoubtful++]!;
  });
};

/** A doubtful line may have a quoted empty field, so each empty field must be asked whether it was quoted. */
function kindOf(line: string): 'plain' | 'quoted' | 'doubtful' {
  if (!line.includes('"')) return 'plain';
  return /(?:^|,)""(?:,|$)/.test(line) ? 'doubtful' : 'quoted';
}

const emptyToNull = (cell: string): string | null => (cell === '' ? null : cell);

/**
 * Lines with quotes. All in one call, because to begin a call costs more than a line does; when some
 * quote does not close with its line, each line alone.
 */
function parseQuoted(lines: readonly string[], isDoubtful: boolean): readonly (Cells | Error)[] {
  if (lines.length === 0) return [];
  const together = parseLines(lines, isDoubtful);
  if (Array.isArray(together) && together.length === lines.length) return together;
  return lines.map((line) => {
    const records = parseLines([line], isDoubtful);
    return records instanceof Error ? records : (records[0] ?? []);
  });
}

const SETTINGS = { record_delimiter: '\n', relax_column_count: true, relax_quotes: true };

/** The library's `cast` makes a line ten times as dear, so it is used for doubtful lines only. */
function parseLines(lines: readonly string[], isDoubtful: boolean): Cells[] | Error {
  const text = lines.join('\n');
  try {
    if (!isDoubtful) return parse(text, SETTINGS).map((cells) => cells.map(emptyToNull));
    return parse(text, {
      ...SETTINGS,
      cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
    }) as unknown as Cells[];
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
