import {
  DATA_SKETCHES_SEED,
  hashDouble,
  hashLong,
  hashText,
  type SpaceSaving,
} from '../../sketches/index.js';
import type { Json, JsonValue } from '../json/json.js';

/** The hash of a value in a Count-Min sketch: whole numbers are one value, whatever the type of their column. */
export function frequencyHash(value: string | number | bigint): number {
  if (typeof value === 'string') hashText(value, DATA_SKETCHES_SEED, HASH);
  else if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    hashLong(value, DATA_SKETCHES_SEED, HASH);
  } else hashDouble(value, DATA_SKETCHES_SEED, HASH);
  return HASH[0]!;
}

const HASH = new Uint32Array(4);

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
