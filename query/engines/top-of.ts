import { inOrder, inPieces, mapInPieces, type Turns } from '../../core/index.js';

/**
 * The first `count` of `items` in the order of `compare`, sorted, equal items in their given order.
 * A bounded heap: O(n log count), no copy of all items.
 */
export function* topOf<T>(
  items: readonly T[],
  count: number,
  compare: (a: T, b: T) => number,
): Turns<T[]> {
  const order = (a: number, b: number) => compare(items[a]!, items[b]!);
  const first = yield* firstNumbers(items.length, count, order);
  return yield* mapInPieces(first, (i) => items[i]!);
}

/**
 * The first `count` of the numbers 0 … n-1 in the order of `compare`, equal ones ascending. Where `ranks` are
 * given, `compare` goes by them first: most numbers are then passed over without a call.
 */
export function* firstNumbers(
  n: number,
  count: number,
  compare: Order,
  ranks: Float64Array | null = null,
): Turns<number[]> {
  const order: Order = (a, b) => compare(a, b) || a - b;
  if (count >= n) {
    const all = new Uint32Array(n);
    for (let i = 0; i < n; i++) all[i] = i;
    return Array.from(yield* inOrder(all, order));
  }
  // The heap holds indexes; its root is the last of the kept ones, the next to go.
  const heap: number[] = [];
  yield* inPieces(n, (from, to) => {
    for (let i = from; i < to; i++) {
      if (ranks !== null && heap.length === count && ranks[i]! > ranks[heap[0]!]!) continue;
      if (heap.length < count) {
        heap.push(i);
        siftUp(heap, order);
      } else if (count > 0 && order(i, heap[0]!) < 0) {
        heap[0] = i;
        siftDown(heap, order);
      }
    }
  });
  return Array.from(yield* inOrder(Uint32Array.from(heap), order));
}

/** A plain loop, since groups are many: `Array.from` calls a function for each. */
export function numbersBelow(n: number): number[] {
  const numbers: number[] = [];
  for (let i = 0; i < n; i++) numbers.push(i);
  return numbers;
}

type Order = (a: number, b: number) => number;

function siftUp(heap: number[], order: Order): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (order(heap[at]!, heap[parent]!) <= 0) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function siftDown(heap: number[], order: Order): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) return;
    const right = left + 1;
    const child = right < heap.length && order(heap[right]!, heap[left]!) > 0 ? right : left;
    if (order(heap[child]!, heap[at]!) <= 0) return;
    swap(heap, at, child);
    at = child;
  }
}

function swap(heap: number[], a: number, b: number): void {
  const kept = heap[a]!;
  heap[a] = heap[b]!;
  heap[b] = kept;
}
