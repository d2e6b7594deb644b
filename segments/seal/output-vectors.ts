import { InternalError, type Long } from '../../core/index.js';
import {
  type Aggregator,
  type ComplexType,
  complexName,
  complexType,
  isComplexType,
  type Value,
  type ValueType,
} from '../../model/index.js';
import { type Cell, CellTable, compareCells, toCell } from '../cells.js';
import type { Vector } from '../encodings/vector.js';
import { nullBitmapBytes, setNull } from '../null-bitmap.js';
import { writeLong } from '../words.js';
import type { CellRanks } from './cell-ranks.js';
import { readAs, type SealInput } from './input.js';
import type { MergedRows } from './row-merger.js';

/** Gives the value of output row `i`; asked once per row, in order. */
type ValueAt = (i: number) => Value;

/** Truncated times of the output rows. */
export function timeVector(
  inputs: readonly SealInput[],
  merged: MergedRows,
  truncate: (timeMs: number) => number,
): Vector & { readonly kind: 'LONG' } {
  const words = new Uint32Array(2 * merged.rowCount);
  for (let i = 0; i < merged.rowCount; i++) {
    const { cursor } = standOn(inputs, merged, merged.starts[i]!);
    writeLong(words, 2 * i, truncate(cursor.timeMs()));
  }
  return { kind: 'LONG', rowCount: merged.rowCount, words, nulls: null };
}

/** A string dimension: only cells that its rows use, in the order of the merged dictionary. */
export function stringVector(
  inputs: readonly SealInput[],
  merged: MergedRows,
  { cells, sources, rankOf }: CellRanks,
): Vector {
  const { rowCount, starts } = merged;
  const ids = new Uint32Array(rowCount);
  const used = new Uint8Array(cells.length);
  for (let i = 0; i < rowCount; i++) {
    const entry = starts[i]!;
    const input = merged.inputs[entry]!;
    standOn(inputs, merged, entry);
    const rank = rankOf[input]![sources[input]!.id()]!;
    ids[i] = rank;
    used[rank] = 1;
  }
  const newIds = new Uint32Array(cells.length);
  const kept: Cell[] = [];
  for (let rank = 0; rank < cells.length; rank++) {
    if (used[rank] === 0) continue;
    newIds[rank] = kept.length;
    kept.push(cells[rank]!);
  }
  for (let i = 0; i < rowCount; i++) ids[i] = newIds[ids[i]!]!;
  return { kind: 'STRING', rowCount, cells: kept, ids };
}

/** A numeric dimension. */
export function numberVector(
  inputs: readonly SealInput[],
  merged: MergedRows,
  name: string,
  type: ValueType,
): Vector {
  const readers = inputs.map((input) => readAs(input, name, type));
  return vectorOf(type, merged.rowCount, (i) => {
    const entry = merged.starts[i]!;
    standOn(inputs, merged, entry);
    return readers[merged.inputs[entry]!]!();
  });
}

/**
 * A metric: where an output row is one input row whose column already has the stored type, its
 * value as it is; else the states of all its rows folded by the combining aggregator.
 */
export function metricVector(
  inputs: readonly SealInput[],
  merged: MergedRows,
  aggregator: Aggregator,
): Vector {
  const { name, storedType } = aggregator;
  const combiner = aggregator.combining();
  const readers = inputs.map(({ cursor }) => cursor.column(name));
  const copies = readers.map((reader) => reader.exists && reader.type === storedType);
  const accumulators = inputs.map(({ cursor }) => combiner.accumulator(cursor));
  return vectorOf(storedType, merged.rowCount, (i) => {
    const first = merged.starts[i]!;
    const end = merged.starts[i + 1]!;
    const input = merged.inputs[first]!;
    if (end === first + 1 && copies[input]) {
      standOn(inputs, merged, first);
      return readers[input]!.get();
    }
    let state = combiner.initial();
    for (let entry = first; entry < end; entry++) {
      standOn(inputs, merged, entry);
      state = accumulators[merged.inputs[entry]!]!.fold(state);
    }
    return state;
  });
}

function standOn(inputs: readonly SealInput[], merged: MergedRows, entry: number): SealInput {
  const input = inputs[merged.inputs[entry]!]!;
  input.cursor.row = merged.rows[entry]!;
  return input;
}

function vectorOf(type: ValueType, rowCount: number, valueAt: ValueAt): Vector {
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
  return { kind: 'LONG', rowCount, words, nulls: nulls.bitmap };
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
  const { cells, idOf } = internAll(rowCount, valueAt);
  const sorted = Array.from(cells.keys()).sort((a, b) => compareCells(cells[a]!, cells[b]!));
  const rankOf = new Uint32Array(cells.length);
  for (const [rank, id] of sorted.entries()) rankOf[id] = rank;
  const ids = idOf.map((id) => rankOf[id]!);
  return { kind: 'STRING', rowCount, cells: sorted.map((id) => cells[id]!), ids };
}

function internAll(
  rowCount: number,
  valueAt: ValueAt,
): { cells: readonly Cell[]; idOf: Uint32Array } {
  const table = new CellTable();
  const idOf = new Uint32Array(rowCount);
  for (let i = 0; i < rowCount; i++) idOf[i] = table.idOf(toCell(valueAt(i), 'ARRAY'));
  return { cells: table.cells, idOf };
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
