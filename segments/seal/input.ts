import { type ColumnReader, castValue, type Value, type ValueType } from '../../model/index.js';
import { type Cell, CellTable, toCell } from '../cells.js';
import type { Segment, SegmentCursor } from '../types.js';

/** One segment that is being sealed, with the one cursor that all steps move about. */
export interface SealInput {
  readonly segment: Segment;
  readonly cursor: SegmentCursor;
}

export const sealInputOf = (segment: Segment): SealInput => ({
  segment,
  cursor: segment.cursor(),
});

/** Reads a column as `type`: a column that has another type in this segment is cast, a missing one is null. */
export function readAs(input: SealInput, name: string, type: ValueType): () => Value {
  const reader = input.cursor.column(name);
  if (!reader.exists) return () => null;
  if (reader.type === type) return () => reader.get();
  return () => castValue(reader.get(), reader.type, type);
}

/** Dictionary ids of a string column at the cursor's row. */
export interface IdSource {
  readonly size: number;
  id(): number;
  cell(id: number): Cell;
}

/** The column's own dictionary, or one made in a pass over the rows where it has none. */
export function idSourceOf(input: SealInput, name: string): IdSource {
  const reader = input.cursor.column(name);
  const { dictionary } = reader;
  if (dictionary !== undefined && reader.type === 'STRING') {
    return {
      size: dictionary.size,
      id: () => dictionary.id(),
      cell: (id) => dictionary.value(id) as Cell,
    };
  }
  if (!reader.exists) return { size: 1, id: () => 0, cell: () => null };
  return internedSource(input, reader);
}

function internedSource({ segment, cursor }: SealInput, reader: ColumnReader): IdSource {
  const table = new CellTable();
  const ids = new Uint32Array(segment.rowCount);
  for (let row = 0; row < ids.length; row++) {
    cursor.row = row;
    const value = castValue(reader.get(), reader.type, 'STRING');
    ids[row] = table.idOf(toCell(value, 'ARRAY'));
  }
  return {
    size: table.cells.length,
    id: () => ids[cursor.row]!,
    cell: (id) => table.cells[id]!,
  };
}
