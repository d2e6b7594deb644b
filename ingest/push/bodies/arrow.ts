import { DataType, Precision, type Table, tableFromIPC, Vector } from 'apache-arrow';
import { LONG_MAX, LONG_MIN, stringifyJson, toLong, utf8Encode } from '../../../core/index.js';
import type { ValueType } from '../../../model/index.js';
import type { BadRow, BodyOptions, BodyRows } from './body.js';
import { rawRow } from './raw-row.js';
import { RowsBuilder } from './rows-builder.js';

/** A column of a body. */
interface ArrowColumn {
  readonly values: readonly unknown[];
  /** Null where each value speaks for itself. */
  readonly type: ValueType | null;
}

/**
 * An Arrow IPC stream or file. A body that cannot be read is one malformed row. The raw form of a
 * row is its JSON, on which also its size is measured, about.
 */
export function readArrow(body: Uint8Array, { maxRowBytes }: BodyOptions): BodyRows {
  const columns = readColumns(body);
  if (typeof columns !== 'string') return rowsOf(columns, body.length, maxRowBytes);
  const rows = new RowsBuilder(body, maxRowBytes);
  rows.addMalformed(0, body.length, `not an Arrow IPC stream or file: ${columns}`);
  return rows.build('arrow');
}

function rowsOf(
  columns: ReadonlyMap<string, ArrowColumn>,
  bytes: number,
  maxRowBytes: number,
): BodyRows {
  const all = [...columns];
  const count = all[0]![1].values.length;
  const bad = oversizedRows(all, count, maxRowBytes);
  const isBad = new Set(bad.map(({ row }) => row));
  const numbers = Uint32Array.from({ length: count }, (_, row) => row).filter(
    (row) => !isBad.has(row),
  );
  const take = (values: readonly unknown[]) =>
    bad.length === 0 ? values : values.filter((_, row) => !isBad.has(row));
  const types = all.flatMap(([name, { type }]) => (type === null ? [] : [[name, type] as const]));
  const batch = {
    rowCount: numbers.length,
    columns: new Map(all.map(([name, { values }]) => [name, take(values)])),
    types: new Map(types),
    bad: [],
    bytes,
  };
  return { count, batch, numbers, bad, raw: (row) => rawRow('ndjson', jsonOf(all, row)) };
}

function oversizedRows(
  columns: readonly (readonly [string, ArrowColumn])[],
  count: number,
  maxRowBytes: number,
): BadRow[] {
  const sizes = new Float64Array(count);
  for (const [name, { values }] of columns) {
    for (let row = 0; row < count; row++) sizes[row]! += name.length + sizeOf(values[row]);
  }
  const bad: BadRow[] = [];
  for (const [row, size] of sizes.entries()) {
    if (size <= maxRowBytes) continue;
    const message = `the row has about ${size} bytes, more than limits.maxRowBytes[${maxRowBytes}]; send less in one row, or raise the limit`;
    bad.push({ row, reason: 'oversized', message });
  }
  return bad;
}

/** About what a value takes as JSON. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? stringifyJson(value).length : 8;
}

function jsonOf(columns: readonly (readonly [string, ArrowColumn])[], row: number): Uint8Array {
  const fields = columns.map(([name, { values }]) => [name, values[row]] as const);
  return utf8Encode(stringifyJson(Object.fromEntries(fields)));
}

/** The columns of a body, at least one; or why there are none. */
function readColumns(body: Uint8Array): ReadonlyMap<string, ArrowColumn> | string {
  // Whatever the library throws on, it is the body that is at fault.
  try {
    const table = tableFromIPC(body);
    if (table.schema.fields.length === 0) return 'it has no columns';
    // A row has a time, so it takes some bytes; columns of nulls alone could claim any number of rows.
    if (table.numRows > body.length) return `it claims ${table.numRows} rows`;
    return new Map(
      table.schema.fields.map(({ name, type }, i) => [name, columnOf(table, i, type)]),
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function columnOf(table: Table, index: number, type: DataType): ArrowColumn {
  const vector = table.getChildAt(index);
  const convert = converterOf(type);
  const values = new Array<unknown>(table.numRows);
  for (let row = 0; row < values.length; row++) {
    const value: unknown = vector?.get(row);
    values[row] = value === null || value === undefined ? null : convert(value);
  }
  return { values, type: valueTypeOf(type) };
}

/** What the column is known to hold. Unsigned integers may be beyond a LONG. */
function valueTypeOf(type: DataType): ValueType | null {
  if (DataType.isDictionary(type)) return valueTypeOf(type.dictionary);
  if (DataType.isInt(type)) return type.isSigned || type.bitWidth < 64 ? 'LONG' : null;
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE ? 'DOUBLE' : 'FLOAT';
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) ? 'STRING' : null;
}

/** How values of a type that are not null become input values: times are dates, decimals the nearest double. */
function converterOf(type: DataType): (value: unknown) => unknown {
  if (DataType.isDictionary(type)) return converterOf(type.dictionary);
  if (DataType.isTimestamp(type) || DataType.isDate(type)) {
    return (value) => new Date(Math.floor(Number(value)));
  }
  if (DataType.isDecimal(type)) return (value) => Number(`${String(value)}e-${type.scale}`);
  return toCell;
}

/** Plain values stay; vectors become lists, rows of structs and maps become objects. */
function toCell(value: unknown): unknown {
  if (typeof value === 'bigint') return toNumber(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(toCell);
  if (value instanceof Vector) return Array.from(value, toCell);
  const object = 'toJSON' in value ? (value as { toJSON(): object }).toJSON() : value;
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, toCell(member)]));
}

const toNumber = (value: bigint): number | bigint =>
  value > LONG_MAX || value < LONG_MIN ? Number(value) : toLong(value);
