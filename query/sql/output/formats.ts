import { UserError } from '../../../core/index.js';
import type { Value } from '../../../model/index.js';
import { nativeType, type SqlType } from '../algebra/types.js';
import { type Cell, type CellOptions, cellWriter } from './cells.js';

export interface SqlColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** What a statement answers: rows of values in the engine's form, and how they are to be shown. */
export interface SqlRows extends CellOptions {
  readonly columns: readonly SqlColumn[];
  readonly rows: Iterable<readonly Value[]>;
}

export interface FormatOptions {
  readonly resultFormat: ResultFormat;
  readonly header: boolean;
  readonly typesHeader: boolean;
  readonly sqlTypesHeader: boolean;
}

export type ResultFormat = 'object' | 'array' | 'objectLines' | 'arrayLines' | 'csv';

export interface FormattedResult {
  readonly contentType: string;
  /** The body, in pieces of some kilobytes. */
  readonly chunks: Iterable<string>;
}

interface Shape {
  readonly contentType: string;
  readonly open: string;
  readonly between: string;
  /** Ends the body; the blank line after lines tells the client that nothing is missing. */
  readonly close: string;
  row(cells: readonly Cell[], names: readonly string[]): string;
}

const objectRow: Shape['row'] = (cells, names) =>
  `{${cells.map(({ json }, i) => `${names[i]}:${json}`).join(',')}}`;
const arrayRow: Shape['row'] = (cells) => `[${cells.map(({ json }) => json).join(',')}]`;

function csvRow(cells: readonly Cell[]): string {
  const fields = cells.map(({ text }) =>
    /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text,
  );
  return fields.length === 1 && fields[0] === '' ? '""' : fields.join(',');
}

const JSON_LIST = { contentType: 'application/json', open: '[', between: ',', close: ']\n' };
const LINES = { contentType: 'text/plain', open: '', between: '\n', close: '\n' };

const SHAPES: Readonly<Record<ResultFormat, Shape>> = {
  object: { ...JSON_LIST, row: objectRow },
  array: { ...JSON_LIST, row: arrayRow },
  objectLines: { ...LINES, row: objectRow },
  arrayLines: { ...LINES, row: arrayRow },
  csv: { ...LINES, contentType: 'text/csv', row: csvRow },
};

/** The format of a request, in any case of letters; `object` when absent. */
export function parseResultFormat(value: unknown): ResultFormat {
  if (value === undefined || value === null) return 'object';
  const formats = Object.keys(SHAPES) as ResultFormat[];
  const found = formats.find((name) => name.toLowerCase() === String(value).toLowerCase());
  if (found !== undefined) return found;
  throw new UserError(
    `resultFormat: unknown format [${String(value)}]; use one of ${formats.join(', ')}`,
    'request',
    'resultFormat',
  );
}

const CHUNK_CHARS = 32_768;

/** The body of a response: header rows as asked for, then the rows. */
export function formatRows(result: SqlRows, options: FormatOptions): FormattedResult {
  const { contentType } = SHAPES[options.resultFormat];
  return { contentType, chunks: chunksOf(result, options) };
}

function* chunksOf(result: SqlRows, options: FormatOptions): Generator<string> {
  const shape = SHAPES[options.resultFormat];
  const names = result.columns.map(({ name }) => JSON.stringify(name));
  const writers = result.columns.map(({ type }) => cellWriter(type, result));
  const lines = shape.between === '\n';
  let text = shape.open;
  let first = true;
  const add = (row: string): void => {
    text += lines ? `${row}\n` : first ? row : `,${row}`;
    first = false;
  };
  for (const row of headerRows(result.columns, options, shape, names)) add(row);
  for (const row of result.rows) {
    add(
      shape.row(
        row.map((value, i) => writers[i]!(value)),
        names,
      ),
    );
    if (text.length >= CHUNK_CHARS) {
      yield text;
      text = '';
    }
  }
  yield text + shape.close;
}

const textCell = (text: string): Cell => ({ json: JSON.stringify(text), text });

function headerRows(
  columns: readonly SqlColumn[],
  { header, typesHeader, sqlTypesHeader, resultFormat }: FormatOptions,
  shape: Shape,
  names: readonly string[],
): string[] {
  if (!header) return [];
  if (resultFormat === 'object' || resultFormat === 'objectLines') {
    const cells = columns.map(({ type }) => {
      const types = {
        ...(typesHeader ? { type: nativeType(type) } : {}),
        ...(sqlTypesHeader ? { sqlType: sqlTypeName(type) } : {}),
      };
      const json = typesHeader || sqlTypesHeader ? JSON.stringify(types) : 'null';
      return { json, text: json };
    });
    return [shape.row(cells, names)];
  }
  const rows = [columns.map(({ name }) => textCell(name))];
  if (typesHeader) rows.push(columns.map(({ type }) => textCell(nativeType(type))));
  if (sqlTypesHeader) rows.push(columns.map(({ type }) => textCell(sqlTypeName(type))));
  return rows.map((cells) => shape.row(cells, names));
}

/** The name JDBC has for a type. */
function sqlTypeName(type: SqlType): string {
  if (type.endsWith(' ARRAY')) return 'ARRAY';
  if (type.startsWith('COMPLEX<')) return 'OTHER';
  return type === 'NULL' ? 'VARCHAR' : type;
}
