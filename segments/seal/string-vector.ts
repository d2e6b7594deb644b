import { widthFor } from '../encodings/checks.js';
import type { StringVector } from '../encodings/vector.js';
import type { ColumnRoom } from './column-room.js';
import type { Picks } from './picks.js';
import { gatherRanks, type StringRanks } from './string-columns.js';

/** So many times more ranks than rows: then rows are sorted rather than all ranks looked at. */
const SPARSE = 16;

/** A string dimension: only cells that its rows use, in the order of the merged dictionary. */
export function stringVector(
  ranks: StringRanks,
  picks: readonly Picks[],
  rowCount: number,
  room: ColumnRoom,
): StringVector {
  const isSparse = SPARSE * rowCount < ranks.size;
  if (isSparse) return sparseVector(ranks, picks, rowCount);
  return denseVector(ranks, picks, rowCount, room);
}

/** Time and memory by the rows alone: a file may be one of very many. */
function sparseVector(ranks: StringRanks, picks: readonly Picks[], rowCount: number): StringVector {
  const ids = gatherRanks(ranks, picks, rowCount);
  const used = ids.slice().sort();
  let count = 0;
  for (let i = 0; i < used.length; i++) {
    if (i > 0 && used[i] === used[i - 1]) continue;
    used[count++] = used[i]!;
  }
  const kept = used.subarray(0, count);
  const { scratch } = ranks;
  for (let id = 0; id < count; id++) scratch[kept[id]!] = id;
  for (let i = 0; i < rowCount; i++) ids[i] = scratch[ids[i]!]!;
  return { kind: 'STRING', rowCount, cells: ranks.cells(kept), ids };
}

function denseVector(
  ranks: StringRanks,
  picks: readonly Picks[],
  rowCount: number,
  room: ColumnRoom,
): StringVector {
  const { columns, rankOf, scratch } = ranks;
  const kept = usedRanks(ranks, picks);
  for (let id = 0; id < kept.length; id++) scratch[kept[id]!] = id;
  const ids = room.unsigned(widthFor(kept.length - 1), rowCount);
  for (const { input, rows, targets } of picks) {
    const source = columns[input]!.ids;
    const newIds = rankOf[input]!.map((rank) => scratch[rank]!);
    for (let i = 0; i < rows.length; i++) ids[targets[i]!] = newIds[source[rows[i]!]!]!;
  }
  return { kind: 'STRING', rowCount, cells: ranks.cells(kept), ids };
}

/** The ranks of the rows that are taken, ascending. */
function usedRanks({ columns, rankOf, size }: StringRanks, picks: readonly Picks[]): Uint32Array {
  const isUsed = new Uint8Array(size);
  for (const { input, rows } of picks) {
    const column = columns[input]!;
    const { ids } = column;
    const isUsedHere = new Uint8Array(column.size);
    // All of them, which are distinct: then in the order in which they lie there.
    if (rows.length === ids.length)
      for (let row = 0; row < ids.length; row++) isUsedHere[ids[row]!] = 1;
    else for (let i = 0; i < rows.length; i++) isUsedHere[ids[rows[i]!]!] = 1;
    const ranks = rankOf[input]!;
    for (let id = 0; id < isUsedHere.length; id++) isUsed[ranks[id]!]! |= isUsedHere[id]!;
  }
  const used = new Uint32Array(size);
  let count = 0;
  for (let rank = 0; rank < size; rank++) if (isUsed[rank] === 1) used[count++] = rank;
  return used.subarray(0, count);
}
