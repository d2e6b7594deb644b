import { LONG_MIN, type Long, toLong } from '../../core/index.js';
import {
  type ArrayType,
  type ColumnReader,
  isArrayType,
  type ScalarType,
  type Value,
} from '../../model/index.js';
import { type Cell, CellTable, compareCells } from '../cells.js';
import type { BlockEntry, ColumnEntry } from '../format/directory.js';
import { encodeStats } from '../format/stats.js';
import { compareLists, type ListCell, ListTable } from '../lists.js';
import { nullBitmapBytes, setNull } from '../null-bitmap.js';
import { writeLong } from '../words.js';
import type { Encoding, Position } from './encoding.js';
import { LoadedColumn } from './loaded-column.js';
import { factsOf, typeOf, type Vector } from './vector.js';

/** For tests: the vector of a column's plain values. */
export function vectorOf(kind: ScalarType | ArrayType, values: Value[]): Vector {
  const rowCount = values.length;
  if (kind === 'STRING') {
    return { kind, rowCount, ...interned(values as Cell[], new CellTable(), compareCells) };
  }
  if (isArrayType(kind)) {
    const lists = interned(values as ListCell[], new ListTable(), compareLists(kind));
    return { kind: 'ARRAY', type: kind, rowCount, ...lists };
  }
  const nulls = values.includes(null) ? new Uint8Array(nullBitmapBytes(rowCount)) : null;
  for (const [row, value] of values.entries()) {
    if (nulls !== null && value === null) setNull(nulls, row);
  }
  if (kind === 'LONG') {
    const words = new Uint32Array(2 * rowCount);
    for (const [row, value] of values.entries()) writeLong(words, 2 * row, (value ?? 0) as Long);
    return { kind, layout: 'words', rowCount, words, nulls };
  }
  const numbers = values.map((value) => Number(value ?? 0));
  return kind === 'DOUBLE'
    ? { kind, rowCount, values: Float64Array.from(numbers), nulls }
    : { kind, rowCount, values: Float32Array.from(numbers), nulls };
}

/** The distinct cells in order, and where they are by row. */
function interned<C>(
  values: readonly C[],
  table: { readonly cells: readonly C[]; idOf(cell: C): number },
  compare: (a: C, b: C) => number,
): { cells: C[]; ids: Uint32Array } {
  const arrived = values.map((cell) => table.idOf(cell));
  const order = table.cells
    .map((_, id) => id)
    .sort((a, b) => compare(table.cells[a]!, table.cells[b]!));
  const rankOf = new Map(order.map((id, rank) => [id, rank]));
  return {
    cells: order.map((id) => table.cells[id]!),
    ids: Uint32Array.from(arrived, (id) => rankOf.get(id)!),
  };
}

/** For tests: the vector of a column's plain values, in each layout that it can have. */
export function vectorsOf(kind: ScalarType | ArrayType, values: Value[]): Vector[] {
  const vector = vectorOf(kind, values);
  const numbers = values.filter((value) => value !== null);
  if (vector.kind !== 'LONG' || numbers.length === 0) return [vector];
  const longs = numbers.map((value) => BigInt(value as Long)).sort((a, b) => (a < b ? -1 : 1));
  // What lies below all values may be told as well.
  const base = longs[0]! > LONG_MIN + 9n ? longs[0]! - 9n : longs[0]!;
  if (longs.at(-1)! - base >= 2n ** 32n) return [vector];
  const { rowCount, nulls } = vector;
  const offsets = Uint32Array.from(values, (value) =>
    value === null ? 77 : Number(BigInt(value as Long) - base),
  );
  return [
    vector,
    { kind: 'LONG', layout: 'offsets', rowCount, base: toLong(base), offsets, nulls },
  ];
}

export interface WrittenInMemory {
  readonly entry: ColumnEntry;
  readonly column: LoadedColumn;
}

/** For tests: writes a vector as a file would hold it, at some base address. */
export function writeInMemory(encoding: Encoding, vector: Vector): WrittenInMemory {
  const base = 128;
  const blocks: (BlockEntry & { content: Uint8Array })[] = [];
  let offset = 64;
  const facts = factsOf(vector);
  const written = encoding.write(vector, facts, {
    block(name, chunks) {
      const content = Uint8Array.from([...chunks].flatMap((chunk) => [...chunk]));
      blocks.push({ name, offset, length: content.length, crc32c: 0, content });
      offset += Math.ceil((content.length + 16) / 64) * 64;
    },
  });
  const buffer = new SharedArrayBuffer(base + offset);
  for (const block of blocks) new Uint8Array(buffer).set(block.content, base + block.offset);
  const type = typeOf(vector);
  const entry: ColumnEntry = {
    name: 'x',
    type,
    role: 'dimension',
    multiValue: facts.multiValue,
    encoding: encoding.name,
    parameters: written.parameters,
    aggregator: null,
    blocks: blocks.map(({ name, offset: at, length }) => ({ name, offset: at, length, crc32c: 0 })),
    indexes: [],
    stats: encodeStats({ ...facts, ...written }, type, offset),
  };
  return { entry, column: new LoadedColumn(entry, vector.rowCount, buffer, base) };
}

/** For tests: every value that a reader gives, row by row. */
export function readAll(reader: ColumnReader, position: Position, rowCount: number): Value[] {
  return Array.from({ length: rowCount }, (_, row) => {
    position.row = row;
    return reader.get();
  });
}
