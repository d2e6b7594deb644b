import { type ColumnReader, castValue } from '../../model/index.js';
import { type Cell, CellTable, toCell } from '../cells.js';
import type { TextList } from '../encodings/vector.js';
import { rankCells } from './cell-ranks.js';
import { type ColumnMemory, memoryOf, type SealInput } from './input.js';
import { unsignedIn } from './number-columns.js';
import type { Picks } from './picks.js';
import { rankTexts, type TextTable } from './text-ranks.js';
import { textsOf } from './texts-of.js';

/** A string column of one input: a dictionary id per row. */
export interface StringColumn {
  readonly ids: Uint8Array | Uint16Array | Uint32Array;
  /** Ids are 0 … size-1. */
  readonly size: number;
  cell(id: number): Cell;
  /** The dictionary as bytes; null where some cell is a list, or its bytes are out of reach. */
  readonly texts: TextTable | null;
}

/** A string column of all inputs, its dictionaries merged into one order of cells. */
export interface StringRanks {
  /** How many cells there are; ranks are below. */
  readonly size: number;
  readonly columns: readonly StringColumn[];
  /** By input: the rank by dictionary id. */
  readonly rankOf: readonly Uint32Array[];
  /** Room for a number per rank. */
  readonly scratch: Uint32Array;
  /** The cells of some ranks, ascending. */
  cells(ranks: Uint32Array): readonly Cell[] | TextList;
}

/** The named column of all inputs, cast where it is of another type; one that is missing is null. */
export function rankStrings(inputs: readonly SealInput[], name: string): StringRanks {
  const columns = inputs.map((input) => stringColumn(input, name));
  const tables = columns.flatMap(({ texts }) => texts ?? []);
  if (tables.length < columns.length) {
    const ranks = rankCells(columns);
    return { columns, ...ranks, scratch: new Uint32Array(ranks.size) };
  }
  const ranks = rankTexts(tables);
  const { size, rankOf } = ranks;
  const scratch = new Uint32Array(size);
  return { columns, size, rankOf, scratch, cells: (wanted) => textsOf(tables, ranks, wanted) };
}

const NULL_TEXT: TextTable = {
  size: 1,
  hasNull: true,
  bytes: new Uint8Array(0),
  offsets: new Uint32Array(2),
};

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
  return { ids, size, cell, texts: textTable(memory) };
}

function textTable({ scan, buffer }: ColumnMemory): TextTable | null {
  if (scan.texts === null) return null;
  const { size } = scan;
  const offsets = new Uint32Array(buffer, scan.texts.offsets, size + 1);
  const bytes = new Uint8Array(buffer, scan.texts.bytes, offsets[size]!);
  return { size, hasNull: scan.texts.hasNull, bytes, offsets };
}

/** A column without a dictionary gets one, in a pass over its rows. */
function interned(input: SealInput, reader: ColumnReader): StringColumn {
  const table = new CellTable();
  const ids = readIds(input, () =>
    table.idOf(toCell(castValue(reader.get(), reader.type, 'STRING'), 'ARRAY')),
  );
  return { ids, size: table.cells.length, cell: (id) => table.cells[id]!, texts: null };
}

function readIds({ segment, cursor }: SealInput, idOf: () => number): Uint32Array {
  const ids = new Uint32Array(segment.rowCount);
  for (let row = 0; row < ids.length; row++) {
    cursor.row = row;
    ids[row] = idOf();
  }
  return ids;
}

/** The ranks of the rows that `picks` take. */
export function gatherRanks(
  { columns, rankOf }: StringRanks,
  picks: readonly Picks[],
  rowCount: number,
): Uint32Array {
  const ranks = new Uint32Array(rowCount);
  for (const { input, rows, targets } of picks) {
    const { ids } = columns[input]!;
    const ranksHere = rankOf[input]!;
    for (let i = 0; i < rows.length; i++) ranks[targets[i]!] = ranksHere[ids[rows[i]!]!]!;
  }
  return ranks;
}
