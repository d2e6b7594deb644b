import { inPieces, type Turns } from './turns.js';

/** Numbers that are sorted without giving way: some milliseconds. */
const RUN = 4096;

type Order = (a: number, b: number) => number;

/** Numbers in an order, equal ones as they were. A merge sort of sorted runs, since a long sort would give nobody else a turn. */
export function* inOrder(numbers: Uint32Array, order: Order): Turns<Uint32Array> {
  if (yield* areInOrder(numbers, order)) return numbers;
  let source = numbers.slice();
  for (let from = 0; from < source.length; from += RUN) {
    if (from > 0) yield;
    source.subarray(from, from + RUN).sort(order);
  }
  let target = new Uint32Array(source.length > RUN ? source.length : 0);
  for (let size = RUN; size < source.length; size *= 2) {
    for (let from = 0; from < source.length; from += 2 * size) {
      const run = target.subarray(from, from + 2 * size);
      yield* merge(source.subarray(from, from + size), source.subarray(from + size), run, order);
    }
    [source, target] = [target, source];
  }
  return source;
}

/** They often are. */
function* areInOrder(numbers: Uint32Array, order: Order): Turns<boolean> {
  let isSorted = true;
  yield* inPieces(numbers.length - 1, (from, to) => {
    for (let i = from; i < to && isSorted; i++) isSorted = order(numbers[i]!, numbers[i + 1]!) <= 0;
  });
  return isSorted;
}

/** Fills `into` with all of `a` and as much of `b` as there is room for. */
function* merge(a: Uint32Array, b: Uint32Array, into: Uint32Array, order: Order): Turns<void> {
  const end = into.length - a.length;
  let [i, j] = [0, 0];
  yield* inPieces(into.length, (from, to) => {
    for (let at = from; at < to; at++) {
      const isFirst = j === end || (i < a.length && order(a[i]!, b[j]!) <= 0);
      into[at] = isFirst ? a[i++]! : b[j++]!;
    }
  });
}
