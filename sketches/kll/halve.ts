import { type Random, sortDoubles } from '../../core/index.js';
import { hashOfItems } from '../quantiles/item-hash.js';

/** Whether the odd or the even ones of sorted items go on, 0 or 1: by chance, or where there is none by the items. */
export function coin(
  random: Random | null,
  items: Float64Array,
  start: number,
  length: number,
  turn: number,
): number {
  return (random?.nextUint32() ?? hashOfItems(items, turn, start, start + length)) & 1;
}

/** Sends every second of an even number of sorted items up into the level above, whose items come right behind them. */
export function raise(
  items: Float64Array,
  start: number,
  length: number,
  above: number,
  chance: number,
): void {
  if (above === 0) {
    halveUp(items, start, length, chance);
    return;
  }
  const half = length / 2;
  halveDown(items, start, length, chance);
  mergeRuns(items, start, half, start + length, above, start + half);
}

/** Keeps every second of `length` items, from `offset` (0 or 1) on, in the first half of their places. */
function halveDown(items: Float64Array, start: number, length: number, offset: number): void {
  const end = start + length / 2;
  for (let to = start, from = start + offset; to < end; to++, from += 2) items[to] = items[from]!;
}

/** Keeps every second of `length` items, the last or with `offset` 1 the one before it included, in the second half. */
function halveUp(items: Float64Array, start: number, length: number, offset: number): void {
  const middle = start + length / 2;
  const last = start + length - 1;
  for (let to = last, from = last - offset; to >= middle; to--, from -= 2) items[to] = items[from]!;
}

/**
 * Merges two ascending runs of one array into a third place of it; those of the first come first among equals. `target`
 * may begin before run b by as much as run a is long, so that nothing is overwritten before it is read.
 */
function mergeRuns(
  items: Float64Array,
  aStart: number,
  aLength: number,
  bStart: number,
  bLength: number,
  target: number,
): void {
  let a = aStart;
  let b = bStart;
  let to = target;
  const aEnd = a + aLength;
  const bEnd = b + bLength;
  while (a < aEnd && b < bEnd) items[to++] = items[b]! < items[a]! ? items[b++]! : items[a++]!;
  while (a < aEnd) items[to++] = items[a++]!;
  while (b < bEnd) items[to++] = items[b++]!;
}

/** Few items are sorted faster by hand than by a call. */
const FEW = 48;

/** Sorts items [start, end), ascending. None is NaN. */
export function sortItems(items: Float64Array, start: number, end: number): void {
  if (end - start > FEW) {
    sortDoubles(items.subarray(start, end));
    return;
  }
  for (let i = start + 1; i < end; i++) {
    const item = items[i]!;
    let to = i;
    for (; to > start && items[to - 1]! > item; to--) items[to] = items[to - 1]!;
    items[to] = item;
  }
}
