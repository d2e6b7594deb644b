import { inPieces, type Turns } from '../../core/index.js';

/** Numbers that are sorted at once: some milliseconds. */
const RUN = 4096;

type Order = (a: number, b: number) => number;

/** Numbers in an order, equal ones as they are. A merge sort of sorted runs, since a long sort would give nobody else a turn. */
export function* inOrder(numbers: number[], order: Order): Turns<number[]> {
  if (yield* areInOrder(numbers, order)) return numbers;
  let runs: number[][] = [];
  for (let from = 0; from < numbers.length; from += RUN) {
    if (from > 0) yield;
    runs.push(numbers.slice(from, from + RUN).sort(order));
  }
  while (runs.length > 1) {
    const longer: number[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [first, second] = [runs[i]!, runs[i + 1]];
      longer.push(second === undefined ? first : yield* merged(first, second, order));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

/** They often are. */
function* areInOrder(numbers: readonly number[], order: Order): Turns<boolean> {
  let isSorted = true;
  for (let from = 1; from < numbers.length && isSorted; from += RUN) {
    if (from > 1) yield;
    const to = Math.min(numbers.length, from + RUN);
    for (let i = from; i < to && isSorted; i++) isSorted = order(numbers[i - 1]!, numbers[i]!) <= 0;
  }
  return isSorted;
}

function* merged(a: readonly number[], b: readonly number[], order: Order): Turns<number[]> {
  const all = new Array<number>(a.length + b.length);
  let [i, j] = [0, 0];
  yield* inPieces(all.length, (from, to) => {
    for (let at = from; at < to; at++) {
      const isFirst = j === b.length || (i < a.length && order(a[i]!, b[j]!) <= 0);
      all[at] = isFirst ? a[i++]! : b[j++]!;
    }
  });
  return all;
}
