/** Cells of [-1, 1], narrower towards both ends as the waves of Chebyshev's polynomials are. */
export const CELLS = 1024;

/** Where cells begin, ascending, and where the last one ends. */
export const CELL_EDGES = Float64Array.from({ length: CELLS + 1 }, (_, i) =>
  Math.sin(((2 * i - CELLS) * Math.PI) / (2 * CELLS)),
);

export const LOG_CELL_WIDTHS = Float64Array.from({ length: CELLS }, (_, i) =>
  Math.log(CELL_EDGES[i + 1]! - CELL_EDGES[i]!),
);

/** T_j at the middle of every cell. */
export function chebyshevRow(j: number): Float64Array {
  let row = ROWS[j];
  if (row === undefined) {
    const angle = (i: number): number => Math.PI * (1 - (i + 0.5) / CELLS);
    row = Float64Array.from({ length: CELLS }, (_, i) => Math.cos(j * angle(i)));
    ROWS[j] = row;
  }
  return row;
}

/** Made when first asked for. */
const ROWS: Float64Array[] = [];
