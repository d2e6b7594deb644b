import type { IdColumn, Ranks } from './ranks.js';

/** A column of one input with its dictionary. */
export interface CellColumn<C> extends IdColumn {
  cell(id: number): C;
}

/** Gives equal cells one id, in order of arrival. */
interface Interning<C> {
  readonly cells: readonly C[];
  idOf(cell: C): number;
}

/** The merged dictionary of one column of all inputs. */
export interface RankedCells<C> extends Pick<Ranks, 'size' | 'rankOf'> {
  /** The cells of some ranks. */
  cells(ranks: Uint32Array): C[];
}

/** Merges the dictionaries of one column of all inputs cell by cell. */
export function rankCells<C>(
  columns: readonly CellColumn<C>[],
  table: Interning<C>,
  compare: (a: C, b: C) => number,
): RankedCells<C> {
  const arrivals = columns.map(({ size, cell }) => {
    const ids = new Uint32Array(size);
    for (let id = 0; id < size; id++) ids[id] = table.idOf(cell(id));
    return ids;
  });
  // Dictionaries of files are sorted runs already, which the sort makes use of.
  const sorted = Array.from(table.cells.keys()).sort((a, b) =>
    compare(table.cells[a]!, table.cells[b]!),
  );
  const rankOfArrival = new Uint32Array(sorted.length);
  for (const [rank, arrival] of sorted.entries()) rankOfArrival[arrival] = rank;
  return {
    size: sorted.length,
    rankOf: arrivals.map((ids) => ids.map((arrival) => rankOfArrival[arrival]!)),
    cells: (ranks): C[] => Array.from(ranks, (rank) => table.cells[sorted[rank]!]!),
  };
}
