import type { Long } from '../../core/index.js';
import { isNull } from '../null-bitmap.js';
import { unsignedArray, type Width, widthFor } from './checks.js';
import type { Facts, LongVector } from './vector.js';

/** Larger differences are not looked at: doubles hold this one, and a word more. */
const MAX_SPAN = 2 ** 52;

/** Asked for several times while a vector is written. */
const known = new WeakMap<LongVector, number>();

/**
 * The largest number that all differences of a column's values are multiples of, where that makes deltas narrower: times
 * by the minute, amounts in whole units. 1 where it would not: most columns are seen through after a few rows.
 */
export function unitOf(vector: LongVector, min: Facts['min'], max: Facts['max']): number {
  let unit = known.get(vector);
  if (unit === undefined) {
    unit = min === null || max === null ? 1 : findUnit(vector, min as Long, max as Long);
    known.set(vector, unit);
  }
  return unit;
}

function findUnit(vector: LongVector, min: Long, max: Long): number {
  const span = Number(BigInt(max) - BigInt(min));
  if (span >= MAX_SPAN) return 1;
  const enough = leastUnit(span);
  if (enough === null) return 1;
  let unit = span;
  const { nulls, rowCount } = vector;
  const difference = differencesFrom(vector, min);
  for (let row = 0; row < rowCount; row++) {
    if (nulls !== null && isNull(nulls, row)) continue;
    const above = difference(row);
    if (above % unit === 0) continue;
    unit = greatestCommonDivisor(unit, above);
    if (unit < enough) return 1;
  }
  return unit;
}

/** The least unit that takes a delta to the next narrower width; null where it is narrow enough. */
function leastUnit(span: number): number | null {
  const most = span >= 2 ** 32 ? 2 ** 32 - 1 : NARROWER[widthFor(span)];
  return most === null ? null : Math.max(2, span / most);
}

/** What the next narrower width holds. */
const NARROWER: Readonly<Record<Width, number | null>> = { 1: null, 2: 2 ** 8 - 1, 4: 2 ** 16 - 1 };

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** How far the value of a row is above the least one, which is less than 2^52. */
function differencesFrom(vector: LongVector, min: Long): (row: number) => number {
  if (vector.layout === 'offsets') {
    const { offsets } = vector;
    const shift = Number(BigInt(min) - BigInt(vector.base));
    return (row) => offsets[row]! - shift;
  }
  const { words } = vector;
  const low = Number(BigInt.asUintN(32, BigInt(min)));
  const high = Number(BigInt(min) >> 32n);
  return (row) => ((words[2 * row + 1]! | 0) - high) * 2 ** 32 + (words[2 * row]! - low);
}

/** By row, how many units its value is above `base`; 0 where it is null. */
export function multiplesOf(
  vector: LongVector,
  base: Long,
  unit: number,
  width: Width,
): Uint8Array | Uint16Array | Uint32Array {
  const { nulls, rowCount } = vector;
  const multiples = unsignedArray(width, rowCount);
  const difference = differencesFrom(vector, base);
  for (let row = 0; row < rowCount; row++) {
    if (nulls === null || !isNull(nulls, row)) multiples[row] = difference(row) / unit;
  }
  return multiples;
}
