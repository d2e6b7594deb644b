import { widthFor } from '../encodings/checks.js';
import type { Vector } from '../encodings/vector.js';
import type { ColumnRoom } from './column-room.js';
import type { Picks } from './picks.js';

/** A column of one input by ids: one per row. */
export interface IdColumn {
  readonly ids: Uint8Array | Uint16Array | Uint32Array;
  /** Ids are 0 … size-1. */
  readonly size: number;
}

/** A column of all inputs, its dictionaries merged into one order of cells. */
export interface Ranks<V extends Vector = Vector> {
  /** How many cells there are; ranks are below. */
  readonly size: number;
  readonly columns: readonly IdColumn[];
  /** By input: the rank by dictionary id. */
  readonly rankOf: readonly Uint32Array[];
  /** Room for a number per rank. */
  readonly scratch: Uint32Array;
  /** Rows by place among the ranks that they use, which ascend. */
  vector(ranks: Uint32Array, ids: Uint8Array | Uint16Array | Uint32Array): V;
}

/** The ranks of the rows that `picks` take. */
export function gatherRanks(
  { columns, rankOf }: Ranks,
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

/** So many times more ranks than rows: then rows are sorted rather than all ranks looked at. */
const SPARSE = 16;

/** The rows that `picks` take: only cells that they use, in the order of the merged dictionary. */
export function rankedVector<V extends Vector>(
  ranks: Ranks<V>,
  picks: readonly Picks[],
  rowCount: number,
  room: ColumnRoom,
): V {
  const isSparse = SPARSE * rowCount < ranks.size;
  return isSparse
    ? sparseVector(ranks, picks, rowCount)
    : denseVector(ranks, picks, rowCount, room);
}

/** Time and memory by the rows alone: a file may be one of very many. */
function sparseVector<V extends Vector>(
  ranks: Ranks<V>,
  picks: readonly Picks[],
  rowCount: number,
): V {
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
  return ranks.vector(kept, ids);
}

function denseVector<V extends Vector>(
  ranks: Ranks<V>,
  picks: readonly Picks[],
  rowCount: number,
  room: ColumnRoom,
): V {
  const { columns, rankOf, scratch } = ranks;
  const kept = usedRanks(ranks, picks);
  for (let id = 0; id < kept.length; id++) scratch[kept[id]!] = id;
  const ids = room.unsigned(widthFor(kept.length - 1), rowCount);
  for (const { input, rows, targets } of picks) {
    const source = columns[input]!.ids;
    const newIds = rankOf[input]!.map((rank) => scratch[rank]!);
    for (let i = 0; i < rows.length; i++) ids[targets[i]!] = newIds[source[rows[i]!]!]!;
  }
  return ranks.vector(kept, ids);
}

/** The ranks of the rows that are taken, ascending. */
function usedRanks({ columns, rankOf, size }: Ranks, picks: readonly Picks[]): Uint32Array {
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
