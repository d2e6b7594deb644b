import type { WeightedItems } from '../kll/weighted-items.js';

/** What every sketch of quantiles knows. */
export interface Distribution {
  readonly k: number;
  /** How many numbers were added. */
  readonly n: number;
  /** Of all numbers; NaN when there is none. */
  readonly min: number;
  readonly max: number;
  /** The items that are kept, in order. */
  weighted(): WeightedItems;
}
