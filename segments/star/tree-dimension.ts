import {
  type ColumnReader,
  compareValues,
  type RowCursor,
  type Value,
  type ValueType,
} from '../../model/index.js';
import type { Cell } from '../cells.js';
import { bytesOf } from '../encodings/checks.js';
import { knowDistinct, type NumberVector } from '../encodings/distinct.js';
import type { LongWords, Vector } from '../encodings/vector.js';
import { vectorOf } from '../seal/value-vector.js';

/** A dimension of a star-tree: its values by code, ascending, as kernels have them: a null of texts first, one of numbers last. */
export interface TreeDimension {
  /** By row. */
  readonly codes: Uint16Array;
  readonly size: number;
  /** The column of records that have these codes. */
  vector(codes: Int32Array): Vector;
}

/** Codes are told by 16 bits. */
export const MOST_CODES = 65_536;

/**
 * The dimension that a column makes, as `read` shows its values; null where cells may hold lists, where it is of another type than texts and
 * numbers, or where there are more than `maxSize` values.
 */
export function treeDimension(
  rows: RowCursor,
  reader: ColumnReader,
  maxSize: number,
  read: (value: Value) => Value = (value) => value,
): TreeDimension | null {
  const { type } = reader;
  if (reader.multiValue || !isTreeType(type)) return null;
  const arrived = arrivals(rows, reader, maxSize, read);
  if (arrived === null || !arrived.values.every(canBeCoded(type))) return null;
  const { values, codes } = sorted(
    arrived,
    type === 'STRING' ? compareValues(type) : nullLast(compareValues(type)),
  );
  return {
    codes,
    size: values.length,
    vector: (of) =>
      type === 'STRING'
        ? { kind: type, rowCount: of.length, cells: values as Cell[], ids: Uint16Array.from(of) }
        : numberVector(type, values, of),
  };
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

const isTreeType = (type: ValueType): type is 'STRING' | 'LONG' | 'DOUBLE' | 'FLOAT' =>
  type === 'STRING' || type === 'LONG' || type === 'DOUBLE' || type === 'FLOAT';

interface Coded {
  readonly values: readonly Value[];
  readonly codes: Uint16Array;
}

/** Values in the order in which they come. Null where they are too many. */
function arrivals(
  rows: RowCursor,
  reader: ColumnReader,
  maxSize: number,
  read: (value: Value) => Value,
): Coded | null {
  const { dictionary } = reader;
  const known = new Map<Value, number>();
  const codeOf = (value: Value): number => {
    const found = known.get(value);
    if (found !== undefined) return found;
    known.set(value, known.size);
    return known.size - 1;
  };
  const codes = new Uint16Array(rows.rowCount);
  // By id of the dictionary: its code + 1.
  const byId = dictionary === undefined ? null : new Int32Array(dictionary.size);
  for (let row = 0; row < codes.length; row++) {
    rows.row = row;
    if (byId === null) codes[row] = codeOf(read(reader.get()));
    else {
      const id = dictionary!.id();
      if (byId[id] === 0) byId[id] = 1 + codeOf(read(dictionary!.value(id)));
      codes[row] = byId[id]! - 1;
    }
    if (known.size > maxSize) return null;
  }
  return { values: [...known.keys()], codes };
}

type Compare = (a: Value, b: Value) => number;

const nullLast =
  (compare: Compare): Compare =>
  (a, b) =>
    (a === null) === (b === null) ? compare(a, b) : a === null ? 1 : -1;

/** The same rows by codes that ascend as values do. */
function sorted({ values, codes }: Coded, compare: Compare): Coded {
  const order = Array.from(values.keys()).sort((a, b) => compare(values[a]!, values[b]!));
  const codeOf = new Uint16Array(values.length);
  for (const [code, arrival] of order.entries()) codeOf[arrival] = code;
  return { values: order.map((arrival) => values[arrival]!), codes: codes.map((c) => codeOf[c]!) };
}
