import { type ArrayType, isArrayType, JSON_TYPE } from '../../model/index.js';
import { type Cell, CellTable, compareCells } from '../cells.js';
import type { Vector } from '../encodings/vector.js';
import { compareLists, type ListCell, ListTable } from '../lists.js';
import type { DimensionSchema } from '../schema.js';
import { type CellColumn, type RankedCells, rankCells } from '../seal/cell-ranks.js';
import type { MergeFile } from './merge-file.js';
import type { MergeSpace } from './merge-space.js';
import { MappedRanks, type RankRows } from './rank-rows.js';
import { rankTextColumn } from './rank-texts.js';
import { readWindow } from './row-window.js';
import type { WindowRoom } from './window-room.js';

/** A dimension of all files by ranks: the places of its cells in one order. */
export interface RankedColumn {
  /** Ranks are below. */
  readonly size: number;
  readonly rows: RankRows;
  /** Rows by place among the ranks that they use, which ascend. */
  vector(ranks: Uint32Array, ids: Uint8Array | Uint16Array | Uint32Array): Vector;
}

/** Merges the dictionaries of a dimension; null for one of numbers. */
export function rankColumn(
  files: readonly MergeFile[],
  dimension: DimensionSchema,
  space: MergeSpace,
  room: WindowRoom,
): RankedColumn | null {
  const { name, type } = dimension;
  if (isArrayType(type)) return rankLists(files, name, type, room);
  if (type !== 'STRING' && type !== JSON_TYPE) return null;
  const entries = files.map((file) => file.column(name));
  if (entries.some((entry) => entry?.encoding === 'string.list')) {
    return rankTextLists(files, name, room);
  }
  const { texts, rows } = rankTextColumn(files, entries, space);
  return {
    size: texts.size,
    rows,
    vector(ranks, ids) {
      const rowCount = ids.length;
      return type === JSON_TYPE
        ? { kind: 'JSON', rowCount, texts: texts.list(ranks), ids, paths: 'none' }
        : { kind: 'STRING', rowCount, cells: texts.list(ranks), ids };
    },
  };
}

/** Lists are merged as values: whoever writes them needs them so. */
function rankTextLists(files: readonly MergeFile[], name: string, room: WindowRoom): RankedColumn {
  const columns = cellColumns<Cell>(files, name, room);
  const ranked = rankCells(columns, new CellTable(), compareCells);
  return {
    ...byRank(files, name, ranked),
    vector: (ranks, ids) => ({
      kind: 'STRING',
      rowCount: ids.length,
      cells: ranked.cells(ranks),
      ids,
    }),
  };
}

function rankLists(
  files: readonly MergeFile[],
  name: string,
  type: ArrayType,
  room: WindowRoom,
): RankedColumn {
  const columns = cellColumns<ListCell>(files, name, room);
  const ranked = rankCells(columns, new ListTable(), compareLists(type));
  return {
    ...byRank(files, name, ranked),
    vector: (ranks, ids) => ({
      kind: 'ARRAY',
      type,
      rowCount: ids.length,
      cells: ranked.cells(ranks),
      ids,
    }),
  };
}

function byRank<C>(
  files: readonly MergeFile[],
  name: string,
  { size, rankOf }: RankedCells<C>,
): Pick<RankedColumn, 'size' | 'rows'> {
  const entries = files.map((file) => file.column(name));
  return { size, rows: new MappedRanks(files, entries, rankOf) };
}

/** The dictionaries as values, without rows. */
function cellColumns<C>(
  files: readonly MergeFile[],
  name: string,
  room: WindowRoom,
): CellColumn<C>[] {
  return files.map((file) => {
    const cells = cellsOf<C>(file, name, room);
    room.forget();
    return { ids: new Uint8Array(0), size: cells.length, cell: (id) => cells[id]! };
  });
}

function cellsOf<C>(file: MergeFile, name: string, room: WindowRoom): C[] {
  if (file.column(name) === null) return [null as C];
  const { segment } = readWindow(file, [name], { from: 0, to: 0 }, room);
  const dictionary = segment.cursor().column(name).dictionary!;
  return Array.from({ length: dictionary.size }, (_, id) => dictionary.value(id) as C);
}
