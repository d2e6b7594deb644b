import type { ArrayType } from '../../model/index.js';
import { compareLists, type ListCell, ListTable, toList } from '../lists.js';
import { type CellColumn, rankCells } from './cell-ranks.js';
import { memoryOf, readAs, readIds, type SealInput } from './input.js';
import { unsignedIn } from './number-columns.js';
import type { Ranks } from './ranks.js';

/** The named column of all inputs, cast where it is of another type; one that is missing is null. */
export function rankLists(inputs: readonly SealInput[], name: string, type: ArrayType): Ranks {
  const columns = inputs.map((input) => listColumn(input, name, type));
  const ranked = rankCells(columns, new ListTable(), compareLists(type));
  const { size, rankOf } = ranked;
  return {
    columns,
    size,
    rankOf,
    scratch: new Uint32Array(size),
    vector: (ranks, ids) => ({
      kind: 'ARRAY',
      type,
      rowCount: ids.length,
      cells: ranked.cells(ranks),
      ids,
    }),
  };
}

function listColumn(input: SealInput, name: string, type: ArrayType): CellColumn<ListCell> {
  const { rowCount } = input.segment;
  const reader = input.cursor.column(name);
  if (!reader.exists) return { ids: new Uint8Array(rowCount), size: 1, cell: () => null };
  const { dictionary } = reader;
  if (dictionary === undefined || reader.type !== type) return interned(input, name, type);
  const { size } = dictionary;
  const cell = (id: number) => dictionary.value(id) as ListCell;
  const memory = memoryOf(input, name, reader, type);
  if (memory === null) return { ids: readIds(input, () => dictionary.id()), size, cell };
  const { scan, buffer } = memory;
  return { ids: unsignedIn(buffer, scan.address, scan.width, rowCount), size, cell };
}

/** A column without a dictionary of such lists gets one, in a pass over its rows. */
function interned(input: SealInput, name: string, type: ArrayType): CellColumn<ListCell> {
  const table = new ListTable();
  const read = readAs(input, name, type);
  const ids = readIds(input, () => {
    const cell = read() as ListCell;
    return table.idOf(cell === null ? null : toList(cell, type));
  });
  return { ids, size: table.cells.length, cell: (id) => table.cells[id]! };
}
