import type { SpaceSaving } from '../../sketches/index.js';
import type { Json, JsonValue } from '../json/json.js';

/** The most frequent values, `k` at most, and how often they came at least and at most. */
export const topValues = (sketch: SpaceSaving, k: number): JsonValue =>
  sketch
    .state()
    .entries.slice(0, k)
    .map(({ value, count, error }) => ({ value, atLeast: count - error, atMost: count }));

/** How much was added to a sketch, or to the values that are shown of it: what results are ordered by. */
export function frequencySum(shown: SpaceSaving | Json): number {
  if ('total' in shown) return shown.total;
  const values = shown.value as readonly { readonly atMost: number }[];
  return values.reduce((sum, { atMost }) => sum + atMost, 0);
}
