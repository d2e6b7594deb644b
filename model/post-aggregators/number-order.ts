import { z } from 'zod';
import { type Comparator, compareBy } from '../ordering.js';

/** The `ordering` of a post-aggregator. */
export const orderingSpec = z
  .enum(['numericFirst'], { error: 'want null or numericFirst' })
  .nullish();

/** Natural order (NaN the largest), or finite numbers first, then NaN, then infinities; nulls before all. */
export function orderingOf(ordering: 'numericFirst' | null | undefined): Comparator {
  return ordering ? compareNumericFirst : compareNatural;
}

const compareNatural = compareBy('natural');

const compareNumericFirst: Comparator = (a, b) => rank(a) - rank(b) || compareNatural(a, b);

function rank(value: unknown): number {
  if (value === null) return 0;
  if (typeof value !== 'number' || Number.isFinite(value)) return 1;
  return Number.isNaN(value) ? 2 : 3;
}
