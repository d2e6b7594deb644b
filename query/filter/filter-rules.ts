import type { QueryContext } from '../native/context.js';
import { SkippedIndexes } from '../native/skip-indexes.js';

/** What the query's context says of how its filter is to be answered. */
export interface FilterRules {
  readonly skipped: SkippedIndexes;
  /** What indexes tell is taken, whatever it costs. */
  readonly isForced: boolean;
}

export const DEFAULT_RULES: FilterRules = { skipped: SkippedIndexes.NONE, isForced: false };

export const rulesOf = ({ skipIndexes, forceIndexes }: QueryContext): FilterRules => ({
  skipped: skipIndexes,
  isForced: forceIndexes,
});
