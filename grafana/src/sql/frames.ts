import type { Answer, Cell } from './answer.js';

/** Grafana's names of what a field holds. */
export type FieldKind = 'time' | 'number' | 'string' | 'boolean';

/** A column of a frame, as Grafana's `createDataFrame` takes it. */
export interface Field {
  readonly name: string;
  readonly type: FieldKind;
  /** Times are milliseconds since 1970. All fields of a frame have the same length. */
  readonly values: readonly Cell[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly config?: { readonly displayNameFromDS?: string };
}

export interface Frame {
  readonly fields: readonly Field[];
  /** What the reader should know: that rows were left out, for example. */
  readonly notices: readonly string[];
}

const INTEGERS = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT']);
const DOUBLES = new Set(['FLOAT', 'REAL', 'DOUBLE', 'DECIMAL']);
const TIMES = new Set(['TIMESTAMP', 'DATE']);

/**
 * The columns of an answer, at most `maxRows` of them: the row behind them says that there are more.
 * Number fields may hold integers beyond 2^53 as strings of digits: `tableFrame` and `seriesFrame` end that.
 */
export function columnsFrame(answer: Answer, maxRows: number): Frame {
  const cut = answer.rows.length > maxRows;
  const rows = cut ? answer.rows.slice(0, maxRows) : answer.rows;
  const fields = answer.columns.map(({ name, sqlType }, i) => {
    const cells = rows.map((row) => row[i] ?? null);
    const field = (type: FieldKind, values: readonly Cell[]) => ({ name, type, values });
    if (TIMES.has(sqlType)) return field('time', cells.map(timeOf));
    if (DOUBLES.has(sqlType)) return field('number', cells.map(doubleOf));
    if (INTEGERS.has(sqlType)) return field('number', cells);
    return field(sqlType === 'BOOLEAN' ? 'boolean' : 'string', cells);
  });
  const notice = `Only the first ${maxRows} rows are shown. Group by a longer interval, or filter.`;
  return { fields, notices: cut ? [notice] : [] };
}

/** A table as it is; a number column with an integer beyond 2^53 becomes text, exact to the last digit. */
export function tableFrame({ fields, notices }: Frame): Frame {
  return {
    fields: fields.map((field) =>
      field.type === 'number' && field.values.some((value) => typeof value === 'string')
        ? {
            ...field,
            type: 'string',
            values: field.values.map((v) => (v === null ? null : `${v}`)),
          }
        : field,
    ),
    notices,
  };
}

/** Milliseconds of an ISO time; null of null. */
const timeOf = (cell: Cell): number | null => (cell === null ? null : Date.parse(String(cell)));

/** JSON has no NaN and no infinities; they come as strings. */
const doubleOf = (cell: Cell): Cell => (typeof cell === 'string' ? Number(cell) : cell);
