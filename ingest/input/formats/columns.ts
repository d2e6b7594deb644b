import { UserError } from '../../../core/index.js';

/** Settings that csv and tsv share. */
export interface TextColumns {
  /** Names of the fields; null when the header has them. */
  readonly columns: readonly string[] | null;
  readonly findColumnsFromHeader: boolean;
  /** Lines before the header (or the first record) that are passed over, in every file. */
  readonly skipHeaderRows: number;
  /** A value that holds this is a list. */
  readonly listDelimiter: string;
}

/**
 * The names of a header line; an empty cell becomes `column_<n>`, counted from 1. Throws UserError
 * when a name stands twice.
 */
export function headerNames(cells: readonly (string | null)[], uri: string): string[] {
  const names = cells.map((cell, i) => (cell === null || cell === '' ? `column_${i + 1}` : cell));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return names;
  throw new UserError(
    `${uri}: the header names the column ${JSON.stringify(twice)} twice; give "columns" and "skipHeaderRows": 1 instead`,
  );
}

/** The value of a cell: null where there is nothing, a list where it holds the list delimiter. */
export function cellValue(cell: string | null, listDelimiter: string): unknown {
  if (cell === null || !cell.includes(listDelimiter)) return cell;
  return cell.split(listDelimiter);
}
