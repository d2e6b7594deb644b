import { InternalError, type Long } from '../../core/index.js';
import {
  type ComplexType,
  complexName,
  complexType,
  isComplexType,
  type Value,
  type ValueType,
} from '../../model/index.js';
import { CellTable, compareCells, toCell } from '../cells.js';
import type { Vector } from '../encodings/vector.js';
import { nullBitmapBytes, setNull } from '../null-bitmap.js';
import { writeLong } from '../words.js';

/** Gives the value of row `i`; asked once per row, in order. */
export type ValueAt = (i: number) => Value;

/** A column of values that are told one by one; COMPLEX ones while they are written. */
export function vectorOf(type: ValueType, rowCount: number, valueAt: ValueAt): Vector {
  if (type === 'LONG') return longVector(rowCount, valueAt);
  if (type === 'DOUBLE') {
    const values = new Float64Array(rowCount);
    return { kind: type, rowCount, values, nulls: fillNumbers(values, rowCount, valueAt) };
  }
  if (type === 'FLOAT') {
    const values = new Float32Array(rowCount);
    return { kind: type, rowCount, values, nulls: fillNumbers(values, rowCount, valueAt) };
  }
  if (type === 'STRING') return internedVector(rowCount, valueAt);
  if (isComplexType(type)) return complexVector(type, rowCount, valueAt);
  throw new InternalError(`a column of type ${type} cannot be stored`);
}

function longVector(rowCount: number, valueAt: ValueAt): Vector {
  const words = new Uint32Array(2 * rowCount);
  const nulls = new NullCollector(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const value = valueAt(i);
    if (value === null) nulls.add(i);
    else writeLong(words, 2 * i, value as Long);
  }
  return { kind: 'LONG', layout: 'words', rowCount, words, nulls: nulls.bitmap };
}

function fillNumbers(
  values: Float64Array | Float32Array,
  rowCount: number,
  valueAt: ValueAt,
): Uint8Array | null {
  const nulls = new NullCollector(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const value = valueAt(i);
    if (value === null) nulls.add(i);
    else values[i] = Number(value);
  }
  return nulls.bitmap;
}

/** A string metric, which has no merged dictionary. */
function internedVector(rowCount: number, valueAt: ValueAt): Vector {
  const table = new CellTable();
  const arrivals = new Uint32Array(rowCount);
  for (let i = 0; i < rowCount; i++) arrivals[i] = table.idOf(toCell(valueAt(i), 'ARRAY'));
  const { cells } = table;
  const sorted = Array.from(cells.keys()).sort((a, b) => compareCells(cells[a]!, cells[b]!));
  const rankOf = new Uint32Array(cells.length);
  for (const [rank, id] of sorted.entries()) rankOf[id] = rank;
  const ids = arrivals.map((id) => rankOf[id]!);
  return { kind: 'STRING', rowCount, cells: sorted.map((id) => cells[id]!), ids };
}

/** Encoded row by row while it is written: never all in memory. */
function complexVector(type: ComplexType, rowCount: number, valueAt: ValueAt): Vector {
  const serde = complexType(complexName(type));
  return {
    kind: 'COMPLEX',
    type,
    rowCount,
    bytes(row) {
      const value = valueAt(row);
      return value === null ? null : serde.encode(value as object);
    },
  };
}

/** A null bitmap that exists once there is a null. */
class NullCollector {
  bitmap: Uint8Array | null = null;

  constructor(private readonly rowCount: number) {}

  add(row: number): void {
    this.bitmap ??= new Uint8Array(nullBitmapBytes(this.rowCount));
    setNull(this.bitmap, row);
  }
}
