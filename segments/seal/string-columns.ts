import { type ColumnReader, castValue } from '../../model/index.js';
import { type Cell, CellTable, compareCells, toCell } from '../cells.js';
import type { StringVector, TextList } from '../encodings/vector.js';
import type { ScanTexts } from '../types.js';
import { type CellColumn, rankCells } from './cell-ranks.js';
import { type ColumnMemory, memoryOf, readIds, type SealInput } from './input.js';
import { unsignedIn } from './number-columns.js';
import type { Ranks } from './ranks.js';
import { NULL_TEXT, rankTexts, type TextTable } from './text-ranks.js';
import { textsOf } from './texts-of.js';

/** A string column of one input. */
interface StringColumn extends CellColumn<Cell> {
  /** The dictionary as bytes; null where some cell is a list, or its bytes are out of reach. */
  readonly texts: TextTable | null;
}

export type StringRanks = Ranks<StringVector>;

/** The named column of all inputs, cast where it is of another type; one that is missing is null. */
export function rankStrings(inputs: readonly SealInput[], name: string): StringRanks {
  const columns = inputs.map((input) => stringColumn(input, name));
  const { size, rankOf, cells } = ranksOf(columns);
  return {
    columns,
    size,
    rankOf,
    scratch: new Uint32Array(size),
    vector: (ranks, ids) => ({ kind: 'STRING', rowCount: ids.length, cells: cells(ranks), ids }),
  };
}

/** By their bytes, where those of all are at hand. */
function ranksOf(columns: readonly StringColumn[]): Pick<Ranks, 'size' | 'rankOf'> & {
  cells(ranks: Uint32Array): readonly Cell[] | TextList;
} {
  const tables = columns.flatMap(({ texts }) => texts ?? []);
  if (tables.length < columns.length) return rankCells(columns, new CellTable(), compareCells);
  const ranks = rankTexts(tables);
  const { size, rankOf } = ranks;
  return { size, rankOf, cells: (wanted) => textsOf(tables, ranks, wanted) };
}

function stringColumn(input: SealInput, name: string): StringColumn {
  const { rowCount } = input.segment;
  const reader = input.cursor.column(name);
  if (!reader.exists) {
    return { ids: new Uint8Array(rowCount), size: 1, cell: () => null, texts: NULL_TEXT };
  }
  const { dictionary } = reader;
  if (dictionary === undefined || reader.type !== 'STRING') return interned(input, reader);
  const { size } = dictionary;
  const cell = (id: number) => dictionary.value(id) as Cell;
  const memory = memoryOf(input, name, reader, 'STRING');
  if (memory === null) {
    return { ids: readIds(input, () => dictionary.id()), size, cell, texts: null };
  }
  const { scan, buffer } = memory;
  const ids = unsignedIn(buffer, scan.address, scan.width, rowCount);
  return { ids, size, cell, texts: textTable(memory, scan.texts) };
}

/** The texts of a dictionary as they lie in memory; null where there are none. */
export function textTable(
  { scan, buffer }: ColumnMemory,
  texts: ScanTexts | null = null,
): TextTable | null {
  if (texts === null) return null;
  const { size } = scan;
  const offsets = new Uint32Array(buffer, texts.offsets, size + 1);
  const bytes = new Uint8Array(buffer, texts.bytes, offsets[size]!);
  return { size, hasNull: texts.hasNull, bytes, offsets };
}

/** A column without a dictionary gets one, in a pass over its rows. */
function interned(input: SealInput, reader: ColumnReader): StringColumn {
  const table = new CellTable();
  const ids = readIds(input, () =>
    table.idOf(toCell(castValue(reader.get(), reader.type, 'STRING'), 'ARRAY')),
  );
  return { ids, size: table.cells.length, cell: (id) => table.cells[id]!, texts: null };
}
