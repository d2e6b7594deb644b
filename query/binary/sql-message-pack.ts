import { doubleToLong, parseJson } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import { isNumber, nativeType, type SqlType } from '../sql/algebra/types.js';
import type { SqlResult } from '../sql/index.js';
import { type CellOptions, cellWriter } from '../sql/output/cells.js';
import { type FormatOptions, formatRows } from '../sql/output/formats.js';
import { packedList } from './packed-list.js';
import { plainValue } from './plain-values.js';

/**
 * The answer to a statement as MessagePack, in pieces: one array, of what its JSON has, header rows too. Rows are objects in the
 * formats of objects, else arrays.
 */
export function sqlMessagePack(
  result: SqlResult,
  options: FormatOptions,
): Promise<Iterable<Uint8Array>> {
  const isObject = options.resultFormat.startsWith('object');
  const head = { ...options, resultFormat: isObject ? 'object' : 'array' } as const;
  const json = [...formatRows({ ...result, rows: [] }, head).chunks].join('');
  const headers = parseJson(json) as readonly unknown[];
  const items = concat(headers, rowsOf(result, isObject));
  return packedList(headers.length + result.rows.length, items);
}

function* concat(headers: Iterable<unknown>, rows: Iterable<unknown>): Generator<unknown> {
  yield* headers;
  yield* rows;
}

function* rowsOf(result: SqlResult, isObject: boolean): Generator<unknown> {
  const names = result.columns.map(({ name }) => name);
  const readers = result.columns.map(({ type }) => cellReader(type, result));
  for (const row of result.rows) {
    const cells = row.map((value, i) => readers[i]!(value));
    yield isObject ? new Map(names.map((name, i) => [name, cells[i]])) : cells;
  }
}

/** What the JSON of a value of the type would be read as. */
function cellReader(type: SqlType, options: CellOptions): (value: Value) => unknown {
  const write = cellWriter(type, options);
  const native = nativeType(type);
  if (type === 'BIGINT') {
    return (value) => plainValue(typeof value === 'number' ? doubleToLong(value) : value, native);
  }
  if (isNumber(type)) return (value) => plainValue(value, native);
  return (value) =>
    type === 'VARCHAR' && typeof value === 'string' ? value : parseJson(write(value).json);
}
