import { parse } from 'csv-parse/sync';
import type { TextColumns } from './columns.js';
import type { InputFormat } from './format.js';
import { type LineSplitter, readSeparated } from './separated.js';

/** Comma-separated values with RFC 4180 quoting. As in Druid, a record ends with its line. */
export function csvFormat(settings: TextColumns): InputFormat {
  return { type: 'csv', read: (entity) => readSeparated(entity, settings, splitCsv) };
}

/** Nothing between two commas is null; a quoted nothing is the empty text. */
const splitCsv: LineSplitter = (line) => {
  if (!line.includes('"')) return line.split(',').map((cell) => (cell === '' ? null : cell));
  const [record = []] = parse(line, {
    relax_column_count: true,
    cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
  }) as (string | null)[][];
  return record;
};
