import type { TextColumns } from './columns.js';
import type { InputFormat } from './format.js';
import { readSeparated } from './separated.js';

/** Values separated by a tab or another delimiter; no quoting. */
export function tsvFormat(settings: TextColumns, delimiter = '\t'): InputFormat {
  const split = (line: string) => line.split(delimiter).map((cell) => (cell === '' ? null : cell));
  return { type: 'tsv', read: (entity) => readSeparated(entity, settings, split) };
}
