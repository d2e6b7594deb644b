import { type Cell, CellTable, compareCells } from '../cells.js';
import { type IdSource, idSourceOf, type SealInput } from './input.js';

/** The dictionaries of one string column in all inputs, merged: cells in stored order. */
export interface CellRanks {
  readonly cells: readonly Cell[];
  readonly sources: readonly IdSource[];
  /** By input: the rank in `cells` by dictionary id. */
  readonly rankOf: readonly Uint32Array[];
}

export function rankCells(inputs: readonly SealInput[], name: string): CellRanks {
  const sources = inputs.map((input) => idSourceOf(input, name));
  const table = new CellTable();
  const arrivals = sources.map((source) => {
    const ids = new Uint32Array(source.size);
    for (let id = 0; id < ids.length; id++) ids[id] = table.idOf(source.cell(id));
    return ids;
  });
  // Dictionaries of files are sorted runs already, which the sort makes use of.
  const sorted = Array.from(table.cells.keys()).sort((a, b) =>
    compareCells(table.cells[a]!, table.cells[b]!),
  );
  const rankOfArrival = new Uint32Array(sorted.length);
  for (const [rank, arrival] of sorted.entries()) rankOfArrival[arrival] = rank;
  return {
    cells: sorted.map((arrival) => table.cells[arrival]!),
    sources,
    rankOf: arrivals.map((ids) => ids.map((arrival) => rankOfArrival[arrival]!)),
  };
}
