import { type Long, stringifyJson } from '../../core/index.js';
import { CodeCache } from './code-cache.js';
import { type CodeColumn, type Columns, keepsCodes } from './columns.js';

/**
 * A number for each code of a column, as bytes for a kernel to look into.
 *
 *     width  1, 2 or 4: unsigned, and the LONG is `base` + entry; 8: the LONG, or the DOUBLE, itself
 */
export interface CodeTable {
  readonly type: 'LONG' | 'DOUBLE';
  readonly width: 1 | 2 | 4 | 8;
  readonly base: bigint;
  readonly bytes: Uint8Array;
  /** A byte each: 1 where it is not null; null where none is. */
  readonly valid: Uint8Array | null;
}

export function codeTableOf(type: CodeTable['type'], values: readonly (Long | null)[]): CodeTable {
  const size = values.length;
  const valid = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
  const shared = { type, valid: valid.includes(0) ? valid : null };
  if (type === 'DOUBLE') {
    const doubles = Float64Array.from(values, Number);
    return { ...shared, width: 8, base: 0n, bytes: new Uint8Array(doubles.buffer) };
  }
  let [low, high]: [Long, Long] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value === null) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (typeof low === 'bigint' || typeof high === 'bigint' || high - low >= 2 ** 32) {
    const longs = BigInt64Array.from(values, (value) => BigInt(value ?? 0));
    return { ...shared, width: 8, base: 0n, bytes: new Uint8Array(longs.buffer) };
  }
  const base = Number.isFinite(low) ? low : 0;
  const width = high - base < 2 ** 8 ? 1 : high - base < 2 ** 16 ? 2 : 4;
  const deltas = new { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[width](size);
  for (let code = 0; code < size; code++) deltas[code] = Number(values[code] ?? base) - base;
  return { ...shared, width, base: BigInt(base), bytes: new Uint8Array(deltas.buffer) };
}

/** A table, and what it was made of where more codes may come. */
interface KnownTable {
  readonly values: readonly (Long | null)[];
  readonly table: CodeTable;
}

const NUMBER_BYTES = 8;

/** Of this thread. */
const cache = new CodeCache<KnownTable>(
  ({ values, table: { bytes, valid } }) =>
    bytes.length + (valid?.length ?? 0) + NUMBER_BYTES * values.length,
);

/** The table of what is computed of a column, as `what` tells: once for each code, while there is room for it. */
export function rememberedTable(
  { segment, virtualColumns }: Columns,
  column: CodeColumn,
  what: unknown,
  type: CodeTable['type'],
  numberOf: (code: number) => Long | null,
): CodeTable {
  const { name, size } = column;
  const isKept = keepsCodes(column);
  const virtual = virtualColumns.map(({ spec }) => spec);
  const make = (earlier: KnownTable | null): KnownTable => {
    const values = isKept && earlier !== null ? earlier.values.slice() : [];
    for (let code = values.length; code < size; code++) values.push(numberOf(code));
    return { values, table: codeTableOf(type, values) };
  };
  const holds = ({ values: { length } }: KnownTable) => (isKept ? length >= size : length === size);
  return cache.get(segment, stringifyJson([name, what, type, virtual]), make, holds).table;
}
