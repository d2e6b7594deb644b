import type { DecodedArray, FileMetaData } from 'hyparquet';
import { isJsonObject, LONG_MAX, LONG_MIN, toLong } from '../../../core/index.js';

/** The names of a file's columns, and of decimals the digits behind the point; null for other columns. */
export function decimalScales(metadata: FileMetaData): Map<string, number | null> {
  const scales = new Map<string, number | null>();
  const [root, ...elements] = metadata.schema;
  let at = 0;
  for (let i = 0; i < (root?.num_children ?? 0); i++) {
    const element = elements[at];
    if (element === undefined) break;
    const isDecimal = element.converted_type === 'DECIMAL' && element.num_children === undefined;
    scales.set(element.name, isDecimal ? (element.scale ?? 0) : null);
    at = behind(elements, at);
  }
  return scales;
}

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
