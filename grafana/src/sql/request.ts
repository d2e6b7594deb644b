import { type Answer, parseAnswer } from './answer.js';
import { type Expansion, expandMacros } from './expand.js';
import { columnsFrame, type Frame, tableFrame } from './frames.js';
import type { MacroScope } from './macros.js';
import { seriesFrame } from './series.js';

export const SQL_PATH = '/druid/v2/sql';

/** How many rows a panel takes unless its data source says otherwise. */
export const DEFAULT_MAX_ROWS = 100_000;

export type Format = 'time_series' | 'table';

/** A statement on its way to the server. */
export interface SqlRequest extends Expansion {
  readonly body: object;
  readonly maxRows: number;
}

/** Where a query that is no longer wanted is deleted. */
export const cancelPath = (queryId: string): string => `${SQL_PATH}/${queryId}`;

/** Expands the macros and builds the body of the POST. Throws what `expandMacros` throws. */
export function sqlRequest(
  rawSql: string,
  scope: MacroScope,
  queryId: string,
  maxRows: number = DEFAULT_MAX_ROWS,
): SqlRequest {
  const { sql, fill } = expandMacros(rawSql, scope);
  const context = {
    sqlQueryId: queryId,
    // What the literals of the macros are written in.
    sqlTimeZone: 'Etc/UTC',
    // One more than is shown, to know that there are more.
    sqlOuterLimit: maxRows + 1,
  };
  const headers = { header: true, typesHeader: true, sqlTypesHeader: true };
  return { sql, fill, maxRows, body: { query: sql, resultFormat: 'array', ...headers, context } };
}

/** The frame of an answer's text. Throws an Error in plain words if it cannot be one. */
export function frameOf(
  text: string,
  { fill, maxRows }: SqlRequest,
  format: Format,
  range: { readonly fromMs: number; readonly toMs: number },
): Frame {
  const answer: Answer = parseAnswer(text);
  const columns = columnsFrame(answer, maxRows);
  return format === 'table' ? tableFrame(columns) : seriesFrame(columns, fill, range);
}
