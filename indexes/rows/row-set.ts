/**
 * Some rows of a segment:
 *
 *     rows      row numbers, ascending and distinct
 *     ranges    pairs of first row and the one after the last, ascending and apart
 *     bits      a bit per row: bit `row & 31` of word `row >>> 5`; none is set from the row count on
 */
export type RowSet =
  | { readonly kind: 'rows'; readonly rows: Uint32Array }
  | { readonly kind: 'ranges'; readonly ranges: Uint32Array }
  | { readonly kind: 'bits'; readonly bits: Uint32Array };
