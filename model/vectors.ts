import type { Value } from './types.js';

/**
 * All rows of a source at once, one entry per row. `nulls` has a bit per row, set where it is null: bit `row & 7`
 * of byte `row >> 3`; null where no row is. What lies at the entry of a null row means nothing.
 *
 *     ids        STRING: cells of the dictionary
 *     longs      LONG: two words a row, low first
 *     integers   LONG: safe integers
 *     doubles    DOUBLE, FLOAT
 */
export type ColumnVector =
  | { readonly kind: 'ids'; readonly ids: Uint32Array; readonly dictionary: VectorDictionary }
  | { readonly kind: 'longs'; readonly words: Uint32Array; readonly nulls: Uint8Array | null }
  | { readonly kind: 'integers'; readonly values: Float64Array; readonly nulls: Uint8Array | null }
  | { readonly kind: 'doubles'; readonly values: Float64Array; readonly nulls: Uint8Array | null };

/**
 * The cells that ids stand for. It may grow, and never changes below its size: who knows the object knows its cells,
 * so that one that many batches share is translated once.
 */
export interface VectorDictionary {
  /** Ids are 0 … size-1; id 0 is null, whether there is one or not. */
  readonly size: number;
  value(id: number): Value;
  /** A run of texts that has the id, which is not 0; absent where cells are not at hand as bytes. */
  runOf?(id: number): TextRun;
  /** Whether no text has two ids; absent where that is not known. It ends when a text comes again. */
  readonly areDistinct?: boolean;
}

/**
 * Texts as well-formed UTF-8, one after another: that of id `firstId + i` is bytes [starts[i] - starts[0],
 * starts[i + 1] - starts[0]). `starts` has an entry more than there are texts.
 */
export interface TextRun {
  readonly firstId: number;
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}
