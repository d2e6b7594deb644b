import { type Cell, CellTable, compareCells } from '../cells.js';
import type { StringColumn, StringRanks } from './string-columns.js';

/** Merges the dictionaries of one string column in all inputs cell by cell: where some cells are lists. */
export function rankCells(
  columns: readonly StringColumn[],
): Omit<StringRanks, 'columns' | 'scratch'> {
  const table = new CellTable();
  const arrivals = columns.map(({ size, cell }) => {
    const ids = new Uint32Array(size);
    for (let id = 0; id < size; id++) ids[id] = table.idOf(cell(id));
    return ids;
  });
  // Dictionaries of files are sorted runs already, which the sort makes use of.
  const sorted = Array.from(table.cells.keys()).sort((a, b) =>
    compareCells(table.cells[a]!, table.cells[b]!),
  );
  const rankOfArrival = new Uint32Array(sorted.length);
  for (const [rank, arrival] of sorted.entries()) rankOfArrival[arrival] = rank;
  return {
    size: sorted.length,
    rankOf: arrivals.map((ids) => ids.map((arrival) => rankOfArrival[arrival]!)),
    cells: (ranks): Cell[] => Array.from(ranks, (rank) => table.cells[sorted[rank]!]!),
  };
}
