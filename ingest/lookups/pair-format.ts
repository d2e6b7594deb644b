import { z } from 'zod';
import { isJsonObject, type JsonObject, parseJson, UserError } from '../../core/index.js';
import { checkNames, delimiterField, headerNames } from '../input/formats/columns.js';
import { splitCsv } from '../input/formats/csv.js';
import type { LineSplitter } from '../input/formats/separated.js';
import {
  countField,
  flagField,
  readFields,
  readObject,
  shown,
  textField,
  textsField,
} from '../spec/fields.js';

/** Takes a pair; a key or a value that is null is none. */
export type TakePair = (key: string | null, value: string | null) => void;

/** Reads the lines of one file, which come in runs. */
export interface PairFormat {
  /** A reader for one file; it throws a UserError for a line that it cannot read. */
  reader(take: TakePair): (lines: readonly string[]) => void;
}

/** Reads a `namespaceParseSpec`. Throws a UserError that names the field. */
export function readPairFormat(json: unknown, field: string): PairFormat {
  const spec = readObject(json, field);
  const read = FORMATS.get(String(spec.format));
  if (read !== undefined) return read(spec, field);
  const known = [...FORMATS.keys()].join(', ');
  throw new UserError(
    `${field}.format: want one of ${known}; got ${shown(spec.format)}`,
    'request',
    `${field}.format`,
  );
}

type FormatReader = (json: JsonObject, field: string) => PairFormat;

const SeparatedSpec = z.object({
  columns: textsField,
  keyColumn: textField(null),
  valueColumn: textField(null),
  hasHeaderRow: flagField(false),
  skipHeaderRows: countField(0, 0),
  delimiter: delimiterField('\t'),
});

const separated =
  (splitterOf: (delimiter: string) => LineSplitter): FormatReader =>
  (json, field) => {
    const { delimiter, ...settings } = readFields(SeparatedSpec, json, field);
    const { columns, keyColumn, valueColumn, hasHeaderRow, skipHeaderRows } = settings;
    if (columns.length === 0 && !hasHeaderRow) {
      throw refused(`${field}.columns`, 'got nothing; give the names, or "hasHeaderRow": true');
    }
    checkNames(columns, `${field}.columns`);
    if ((keyColumn === null) !== (valueColumn === null)) {
      const absent = keyColumn === null ? 'keyColumn' : 'valueColumn';
      throw refused(`${field}.${absent}`, 'give both "keyColumn" and "valueColumn", or neither');
    }
    if (columns.length > 0) placesIn(columns, keyColumn, valueColumn, field);
    const split = splitterOf(delimiter);
    return {
      reader(take) {
        let toSkip = skipHeaderRows;
        let hasHeader = hasHeaderRow;
        let places = columns.length === 0 ? null : placesIn(columns, keyColumn, valueColumn, field);
        return (all) => {
          const skipped = Math.min(toSkip, all.length);
          toSkip -= skipped;
          const lines = all.slice(skipped).filter((line) => line !== '');
          const rows = split(lines);
          let first = 0;
          if (hasHeader && rows.length > 0) {
            hasHeader = false;
            first = 1;
            places ??= placesIn(
              headerNames(cellsOf(rows[0]!, lines[0]!), field),
              keyColumn,
              valueColumn,
              field,
            );
          }
          for (let i = first; i < rows.length; i++) {
            const cells = cellsOf(rows[i]!, lines[i]!);
            take(cells[places!.key] ?? null, cells[places!.value] ?? null);
          }
        };
      },
    };
  };

const cellsOf = (cells: ReturnType<LineSplitter>[number], line: string) => {
  if (cells instanceof Error) throw new UserError(`the line ${shown(line)}: ${cells.message}`);
  return cells;
};

/** Where keys and values are: unless they are named, in the first two columns. */
function placesIn(
  columns: readonly string[],
  keyColumn: string | null,
  valueColumn: string | null,
  field: string,
): { readonly key: number; readonly value: number } {
  const placeOf = (name: string | null, whenAbsent: number, what: string): number => {
    const place = name === null ? whenAbsent : columns.indexOf(name);
    if (place >= 0 && place < columns.length) return place;
    throw refused(`${field}.${what}`, `want one of [${columns.join(', ')}]; got ${shown(name)}`);
  };
  return { key: placeOf(keyColumn, 0, 'keyColumn'), value: placeOf(valueColumn, 1, 'valueColumn') };
}

const byDelimiter =
  (delimiter: string): LineSplitter =>
  (lines) =>
    lines.map((line) => line.split(delimiter).map((cell) => (cell === '' ? null : cell)));

const memberName = z
  .string({ error: 'must be given: the name of a member of every line' })
  .min(1, 'must not be empty');

const CustomSpec = z.object({ keyFieldName: memberName, valueFieldName: memberName });

const customJson: FormatReader = (json, field) => {
  const { keyFieldName, valueFieldName } = readFields(CustomSpec, json, field);
  return byObject((object, line, take) => {
    const [key, value] = [object[keyFieldName], object[valueFieldName]];
    if (key === undefined) {
      throw new UserError(`the line ${shown(line)} has no ${JSON.stringify(keyFieldName)}`);
    }
    take(scalar(key, line), scalar(value, line));
  });
};

const simpleJson: FormatReader = () =>
  byObject((object, line, take) => {
    for (const [key, value] of Object.entries(object)) take(key, scalar(value, line));
  });

const byObject = (
  read: (object: JsonObject, line: string, take: TakePair) => void,
): PairFormat => ({
  reader: (take) => (lines) => {
    for (const line of lines) {
      if (line.trim() === '') continue;
      const object = parseJson(line);
      if (!isJsonObject(object)) throw new UserError(`the line ${shown(line)} is no JSON object`);
      read(object, line, take);
    }
  },
});

function scalar(value: unknown, line: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return String(value);
  throw new UserError(`the line ${shown(line)} holds ${shown(value)} where a text is wanted`);
}

const FORMATS: ReadonlyMap<string, FormatReader> = new Map([
  ['csv', separated(() => splitCsv)],
  ['tsv', separated(byDelimiter)],
  ['customJson', customJson],
  ['simpleJson', simpleJson],
]);

const refused = (field: string, why: string): UserError =>
  new UserError(`${field}: ${why}`, 'request', field);
