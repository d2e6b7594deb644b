import type { FrequentValue } from '../../sketches/index.js';
import { Json, type JsonValue } from '../json/json.js';

/** Values and how often they came at least and at most, as results show them. */
export const shownFrequencies = (values: readonly FrequentValue[]): Json => {
  const shown: JsonValue = values.map(({ value, count, error }) => ({
    value,
    atLeast: count - error,
    atMost: count,
  }));
  return Json.of(shown)!;
};

/** How much was added to a sketch, or to the values that are shown of it: what results are ordered by. */
export function frequencySum(shown: { readonly total: number } | Json): number {
  if ('total' in shown) return shown.total;
  const values = shown.value as readonly { readonly atMost: number }[];
  return values.reduce((sum, { atMost }) => sum + atMost, 0);
}
