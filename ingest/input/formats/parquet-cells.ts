import type { DecodedArray, FileMetaData, SchemaElement } from 'hyparquet';
import { isJsonObject, LONG_MAX, LONG_MIN, toLong } from '../../../core/index.js';
import type { ValueType } from '../../../model/index.js';

/** What a column of a file is. */
export interface ParquetColumn {
  /** Of decimals the digits behind the point; null for other columns. */
  readonly scale: number | null;
  /** Null where values speak for themselves: of texts, times, booleans and nested values. */
  readonly type: ValueType | null;
}

/** A file's columns by name. */
export function parquetColumns(metadata: FileMetaData): Map<string, ParquetColumn> {
  const columns = new Map<string, ParquetColumn>();
  const [root, ...elements] = metadata.schema;
  let at = 0;
  for (let i = 0; i < (root?.num_children ?? 0); i++) {
    const element = elements[at];
    if (element === undefined) break;
    columns.set(element.name, columnOf(element));
    at = behind(elements, at);
  }
  return columns;
}

function columnOf(element: SchemaElement): ParquetColumn {
  const isFlat = element.num_children === undefined && element.repetition_type !== 'REPEATED';
  const isDecimal = isFlat && element.converted_type === 'DECIMAL';
  const scale = isDecimal ? (element.scale ?? 0) : null;
  return { scale, type: isDecimal ? 'DOUBLE' : isFlat ? typeOf(element) : null };
}

function typeOf({
  type,
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): ValueType | null {
  if (type === 'DOUBLE' || type === 'FLOAT') return type;
  const isInteger = type === 'INT32' || type === 'INT64';
  // Unsigned ones of 64 bits may be larger; other logical types are times.
  const isPlain = converted === undefined && logical === undefined;
  return isInteger && (isPlain || SMALLER.has(converted)) ? 'LONG' : null;
}

const SMALLER: ReadonlySet<string | undefined> = new Set([
  'INT_8',
  'INT_16',
  'INT_32',
  'INT_64',
  'UINT_8',
  'UINT_16',
  'UINT_32',
]);

/** The index behind an element of a schema and all that is nested in it: elements stand depth first. */
function behind(elements: FileMetaData['schema'], start: number): number {
  let open = 1;
  let at = start;
  while (open > 0 && at < elements.length) open += (elements[at++]?.num_children ?? 0) - 1;
  return at;
}

/** Rows [start, end) of a decoded column as cells. Arrays of plain numbers are not copied. */
export function toCells(
  values: DecodedArray,
  start: number,
  end: number,
  scale: number | null,
): ArrayLike<unknown> {
  if (!isLongs(values) && !Array.isArray(values)) return values.subarray(start, end);
  const cells = new Array<unknown>(end - start);
  for (let i = start; i < end; i++) {
    const value: unknown = values[i];
    cells[i - start] = scale === null ? toCell(value) : toDecimal(value, scale);
  }
  return cells;
}

const isLongs = (values: DecodedArray): values is BigInt64Array | BigUint64Array =>
  values instanceof BigInt64Array || values instanceof BigUint64Array;

function toCell(value: unknown): unknown {
  if (typeof value === 'bigint') return toNumber(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(toCell);
  if (value instanceof Date || value instanceof Uint8Array || !isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toCell(member)]));
}

/** Unsigned integers beyond 64 signed bits become doubles, as in JSON. */
const toNumber = (value: bigint): number | bigint =>
  value > LONG_MAX || value < LONG_MIN ? Number(value) : toLong(value);

/** The library multiplies by a power of ten that is not exact; this is the double nearest to the decimal. */
function toDecimal(value: unknown, scale: number): unknown {
  if (typeof value !== 'number' || Math.abs(value) >= 1e21 || scale > 100) return value;
  return Number(value.toFixed(Math.max(scale, 0)));
}
