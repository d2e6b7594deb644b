import {
  compareValues,
  type Granularity,
  type RowCursor,
  type Value,
  type ValueType,
} from '../../model/index.js';
import type { Cell } from '../cells.js';
import { bytesOf } from '../encodings/checks.js';
import { knowDistinct, type NumberVector } from '../encodings/distinct.js';
import type { LongWords, Vector } from '../encodings/vector.js';
import { vectorOf } from '../seal/value-vector.js';
import { type Coded, codesInMemory } from './codes-in-memory.js';
import type { StoredColumn, StoredRows } from './stored-rows.js';

/** The values of a dimension by code, ascending, as kernels have them: a null of texts first, one of numbers last. */
export interface DimensionValues {
  readonly type: TreeType;
  readonly values: readonly Value[];
}

/** A dimension of a star-tree, and the codes of rows. */
export interface TreeDimension extends DimensionValues {
  readonly codes: ArrayLike<number>;
}

/** Codes are told by 16 bits. */
const MOST_CODES = 65_536;

/**
 * The dimension that a column makes; null where cells may hold lists, where it is of another type than texts and numbers, or
 * where there are more than MOST_CODES values.
 */
export function treeDimension(rows: StoredRows, column: StoredColumn): TreeDimension | null {
  const { entry, reader, memory } = column;
  const { type } = entry;
  const { cardinality } = entry.stats;
  if (entry.multiValue || !isTreeType(type) || (cardinality ?? 0) > MOST_CODES) return null;
  const coded =
    (memory && codesInMemory(memory, rows.rowCount, reader.dictionary)) ??
    codesInTurn(rows, type, () => reader.get());
  return coded === null ? null : dimensionOf(type, coded);
}

/** The dimension of times, which ascend, in buckets. */
export function timeDimension(
  rows: StoredRows,
  { reader }: StoredColumn,
  granularity: Granularity,
): TreeDimension | null {
  const timeOf = (row: number): number => {
    rows.row = row;
    return Number(reader.get());
  };
  const codes = new Uint16Array(rows.rowCount);
  const values: number[] = [];
  for (let from = 0; from < codes.length; ) {
    if (values.length === MOST_CODES) return null;
    const start = granularity.bucketStart(timeOf(from));
    const to = firstFrom(granularity.nextBucket(start), timeOf, from + 1, codes.length);
    codes.fill(values.length, from, to);
    values.push(start);
    from = to;
  }
  return dimensionOf('LONG', { codes, values });
}

/** The first of rows [from, to) that has the time or a later one; `to` where none has. */
function firstFrom(
  timeMs: number,
  timeOf: (row: number) => number,
  from: number,
  to: number,
): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeOf(middle) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function dimensionOf(type: TreeType, { codes, values }: Coded): TreeDimension | null {
  const isFit = values.length <= MOST_CODES && values.every(canBeCoded(type));
  return isFit ? { type, codes, values } : null;
}

/** The column of records that have these codes. */
export function dimensionVector({ type, values }: DimensionValues, codes: Int32Array): Vector {
  if (type !== 'STRING') return numberVector(type, values, codes);
  const ids = Uint16Array.from(codes);
  return { kind: type, rowCount: codes.length, cells: values as Cell[], ids };
}

/** Numbers of records, which can be stored with a dictionary of all values. A null is the last one. */
function numberVector(
  type: 'LONG' | 'DOUBLE' | 'FLOAT',
  values: readonly Value[],
  codes: Int32Array,
): Vector {
  const numbers = values.at(-1) === null ? values.slice(0, -1) : values;
  const size = numbers.length;
  const all = vectorOf(type, size, (code) => numbers[code]!) as NumberVector;
  const vector = vectorOf(type, codes.length, (record) => values[codes[record]!]!) as NumberVector;
  knowDistinct(vector, {
    size,
    bytes: bytesOf('values' in all ? all.values : (all as LongWords).words),
    codes: Uint16Array.from(codes, (code) => (code === size ? 0 : code)),
  });
  return vector;
}

/** Numbers that are none, and nothing but nulls, have no dictionary. */
const canBeCoded =
  (type: ValueType) =>
  (value: Value, _: number, all: readonly Value[]): boolean =>
    type === 'STRING' || (!Number.isNaN(value) && (value !== null || all.length > 1));

type TreeType = 'STRING' | 'LONG' | 'DOUBLE' | 'FLOAT';

const isTreeType = (type: ValueType): type is TreeType =>
  type === 'STRING' || type === 'LONG' || type === 'DOUBLE' || type === 'FLOAT';

/** Row by row. Null where the values are too many. */
function codesInTurn(rows: RowCursor, type: TreeType, read: () => Value): Coded | null {
  const known = new Map<Value, number>();
  const codes = new Uint16Array(rows.rowCount);
  for (let row = 0; row < codes.length; row++) {
    rows.row = row;
    const value = read();
    const code = known.get(value) ?? known.size;
    if (code === MOST_CODES) return null;
    if (code === known.size) known.set(value, code);
    codes[row] = code;
  }
  const values = [...known.keys()];
  const compare = type === 'STRING' ? compareValues(type) : nullLast(compareValues(type));
  const order = Array.from(values.keys()).sort((a, b) => compare(values[a]!, values[b]!));
  const codeOf = new Uint16Array(values.length);
  for (const [code, arrival] of order.entries()) codeOf[arrival] = code;
  return { values: order.map((arrival) => values[arrival]!), codes: codes.map((c) => codeOf[c]!) };
}

type Compare = (a: Value, b: Value) => number;

const nullLast =
  (compare: Compare): Compare =>
  (a, b) =>
    (a === null) === (b === null) ? compare(a, b) : a === null ? 1 : -1;
