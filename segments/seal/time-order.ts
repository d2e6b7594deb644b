import { sortRun } from './sort-run.js';

const TWO_32 = 2 ** 32;

/** Numbers of rows in ascending order of their times, which are safe integers; equal ones in their own order. */
export function orderByTime(times: Float64Array): Uint32Array {
  const order = countingUp(times.length);
  const range = rangeOf(times);
  if (range === null) return order;
  const { min, max } = range;
  const keys = new Uint32Array(times.length);
  const spareKeys = new Uint32Array(times.length);
  const spareItems = new Uint32Array(times.length);
  const sort = () => sortRun(keys, order, 0, keys.length, spareKeys, spareItems);
  if (max - min < TWO_32) {
    for (let i = 0; i < keys.length; i++) keys[i] = times[i]! - min;
    sort();
    return order;
  }
  // Two words; the lower one first, since the sort is stable. Storing keeps a number modulo 2^32.
  for (let i = 0; i < keys.length; i++) keys[i] = times[i]!;
  sort();
  for (let i = 0; i < keys.length; i++) keys[i] = Math.floor(times[order[i]!]! / TWO_32) + 2 ** 21;
  sort();
  return order;
}

/** 0, 1, 2 … */
export function countingUp(count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = i;
  return numbers;
}

/** The smallest and the largest time; null when they ascend. */
function rangeOf(times: Float64Array): { readonly min: number; readonly max: number } | null {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let isSorted = true;
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    if (time < max) isSorted = false;
    if (time < min) min = time;
    if (time > max) max = time;
  }
  return isSorted ? null : { min, max };
}
