import type { RowSource } from '../rows.js';
import type { Interval } from '../time/interval.js';

/**
 * Three-valued logic in one small integer: a comparison with a null input is unknown, and unknown
 * rows do not match.
 */
export type Ternary = 0 | 1 | 2;
export const FALSE: Ternary = 0;
export const TRUE: Ternary = 1;
export const UNKNOWN: Ternary = 2;

/** A parsed filter: one predicate over rows. */
export interface Filter {
  /** The JSON it was parsed from. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** The columns it reads. */
  readonly inputs: readonly string[];
  /** Where `__time` must lie for a row to match, sorted and disjoint; absent when the filter does not bound it. */
  readonly intervals?: readonly Interval[];
  /** Compiles it against rows; the function tests the current row. */
  predicate(source: RowSource): () => Ternary;
}
