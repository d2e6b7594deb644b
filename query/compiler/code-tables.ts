import { type Long, stringifyJson } from '../../core/index.js';
import type { Segment } from '../../segments/index.js';
import type { CodeColumn, Columns } from './columns.js';

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

export function codeTableOf(
  type: CodeTable['type'],
  size: number,
  numberOf: (code: number) => Long | null,
): CodeTable {
  const values = Array.from({ length: size }, (_, code) => numberOf(code));
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

/** What this thread keeps of tables for further queries. */
const MAX_BYTES = 32 * 2 ** 20;

const tables = new Map<string, CodeTable>();
let keptBytes = 0;

const sizeOf = ({ bytes, valid }: CodeTable): number => bytes.length + (valid?.length ?? 0);

/**
 * The table that `make` gives for what is computed of a column, as `what` tells: made once for a
 * segment, as long as it is used now and then.
 */
export function rememberedTable(
  { segment, virtualColumns }: Columns,
  column: CodeColumn,
  what: unknown,
  make: () => CodeTable | null,
): CodeTable | null {
  const virtual = virtualColumns.map(({ spec }) => spec);
  const key = stringifyJson([ordinalOf(segment), column.name, what, virtual]);
  const table = tables.get(key) ?? make();
  if (table === null || sizeOf(table) > MAX_BYTES) return table;
  if (!tables.delete(key)) keptBytes += sizeOf(table);
  tables.set(key, table);
  for (const [oldest, each] of tables) {
    if (keptBytes <= MAX_BYTES) break;
    tables.delete(oldest);
    keptBytes -= sizeOf(each);
  }
  return table;
}

const ordinals = new WeakMap<Segment, number>();
let ordinalCount = 0;

/** Tells segments apart without holding them. */
function ordinalOf(segment: Segment): number {
  const known = ordinals.get(segment) ?? ordinalCount++;
  ordinals.set(segment, known);
  return known;
}
