import { z } from 'zod';
import { parseLong, UserError } from '../../../core/index.js';
import { countField, flagField, readFields, shown, textsField } from '../../spec/fields.js';

/** Settings that csv and tsv share. */
export interface TextColumns {
  /** Names of the fields; null when the header has them. */
  readonly columns: readonly string[] | null;
  /** Lines before the header (or the first record) that are passed over, in every file. */
  readonly skipHeaderRows: number;
  /** A value that holds this is a list. */
  readonly listDelimiter: string;
  /** Whether texts that spell numbers become numbers. */
  readonly tryParseNumbers: boolean;
}

/** Parts the elements of a list in a cell. */
export const DEFAULT_LIST_DELIMITER = '\u0001';

/** A text that parts others, with its default. */
export const delimiterField = (whenAbsent: string) =>
  z
    .string({ error: 'want a text' })
    .min(1, 'must not be empty')
    .nullish()
    .transform((text) => text ?? whenAbsent);

const Columns = z.object({
  columns: textsField,
  findColumnsFromHeader: flagField(false),
  // What older releases of Druid call it.
  hasHeaderRow: flagField(false),
  tryParseNumbers: flagField(false),
  skipHeaderRows: countField(0, 0),
  listDelimiter: delimiterField(DEFAULT_LIST_DELIMITER),
});

/** Reads the settings; with `findColumnsFromHeader` the header wins over `columns`. */
export function readTextColumns(json: unknown, field: string): TextColumns {
  const read = readFields(Columns, json, field);
  const { columns, findColumnsFromHeader, hasHeaderRow, ...others } = read;
  const findsHeader = findColumnsFromHeader || hasHeaderRow;
  const path = `${field}.columns`;
  if (columns.length === 0 && !findsHeader) {
    throw new UserError(
      `${path}: got nothing; give the names of the columns, or "findColumnsFromHeader": true`,
      'spec',
      path,
    );
  }
  checkNames(columns, path);
  return { columns: findsHeader ? null : columns, ...others };
}

/** Throws UserError when a name stands twice. */
export function checkNames(columns: readonly string[], path: string): void {
  const twice = firstTwice(columns);
  if (twice === null) return;
  throw new UserError(`${path}: ${shown(twice)} stands twice; rename one`, 'spec', path);
}

/**
 * The names of a header line; an empty cell becomes `column_<n>`, counted from 1. Throws UserError
 * when a name stands twice.
 */
export function headerNames(cells: readonly (string | null)[], uri: string): string[] {
  const names = cells.map((cell, i) => (cell === null || cell === '' ? `column_${i + 1}` : cell));
  const twice = firstTwice(names);
  if (twice === null) return names;
  throw new UserError(
    `${uri}: the header names the column ${shown(twice)} twice; give "columns" and "skipHeaderRows": 1 instead of "findColumnsFromHeader"`,
  );
}

/** The value of a cell: null where there is nothing, a list where it holds the list delimiter. */
export function cellValue(cell: string | null, listDelimiter: string): unknown {
  return cell?.includes(listDelimiter) ? cell.split(listDelimiter) : cell;
}

/** The number that a text spells, also in a list; the text itself where it spells none. */
export function asNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asNumbers);
  if (typeof value !== 'string') return value;
  const long = parseLong(value);
  if (long !== null) return long;
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value) ? Number(value) : value;
}

function firstTwice(names: readonly string[]): string | null {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size) ?? null;
}
