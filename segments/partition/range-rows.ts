import { UserError } from '../../core/index.js';
import { Ties } from '../seal/ties.js';
import { countingUp } from '../seal/time-order.js';
import type { PartitionValue } from '../timeline/shard-spec.js';
import { type PartitionColumn, placeOf } from './partition-column.js';
import type { RangePartitioning } from './partitioning.js';

/** Rows of one tuple of values, which are in `PartitionColumn.ids` order. */
interface TupleCount {
  /** Some row that has it. */
  readonly row: number;
  readonly count: number;
}

/** Where buckets but the first begin, so that rows fall into about equal parts. Throws UserError for a list of values. */
export function boundariesOf(
  columns: readonly PartitionColumn[],
  rowCount: number,
  partitioning: RangePartitioning,
): PartitionValue[][] {
  const cutter = new RangeCutter(rowCount, partitioning);
  const boundaries: PartitionValue[][] = [];
  for (const { row, count } of tuplesOf(columns, rowCount)) {
    if (!cutter.add(count)) continue;
    boundaries.push(columns.map(({ cells, ids }) => cells[ids[row]!] as PartitionValue));
  }
  return boundaries;
}

/** The distinct tuples, in order. Throws UserError for a list of values. */
export function* tuplesOf(
  columns: readonly PartitionColumn[],
  rowCount: number,
): Generator<TupleCount> {
  checkSingle(columns);
  const order = countingUp(rowCount);
  const joined = new Uint8Array(rowCount);
  const ties = new Ties(order, [{ start: 0, length: rowCount }], joined);
  for (const { ids } of columns) ties.refine(ties.items.map((row) => ids[row]!));
  ties.settle();
  for (let from = 0; from < rowCount; ) {
    let to = from + 1;
    while (to < rowCount && joined[to] === 1) to++;
    yield { row: order[from]!, count: to - from };
    from = to;
  }
}

/** The bucket of each row. */
export function rangeRows(
  columns: readonly PartitionColumn[],
  rowCount: number,
  boundaries: readonly (readonly PartitionValue[])[],
): Uint32Array {
  checkSingle(columns);
  const places = boundaries.map((tuple) =>
    Uint32Array.from(columns, ({ cells }, i) => placeOf(cells, tuple[i] ?? null)),
  );
  const tuple = new Uint32Array(columns.length);
  const buckets = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    for (let i = 0; i < tuple.length; i++) tuple[i] = 2 * columns[i]!.ids[row]! + 1;
    buckets[row] = countNotAfter(places, tuple);
  }
  return buckets;
}

/** How many of the ascending tuples are not after this one: a binary search. */
function countNotAfter(places: readonly Uint32Array[], tuple: Uint32Array): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(places[middle]!, tuple)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isAfter(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! > b[i]!;
  return false;
}

function checkSingle(columns: readonly PartitionColumn[]): void {
  for (const { name, cells } of columns) {
    const list = cells.find((cell) => Array.isArray(cell));
    if (list === undefined) continue;
    throw new UserError(
      `cannot partition on the multi-value dimension "${name}", which has ${JSON.stringify(list).slice(0, 60)}: a range takes dimensions with one value a row; use others, or partitionsSpec.type "hashed"`,
      'spec',
      'partitionsSpec.partitionDimensions',
    );
  }
}

/**
 * Where buckets begin, told from the counts of the distinct tuples in their order. Buckets are about equally large; rows of
 * one tuple stay together.
 */
export class RangeCutter {
  readonly #evenRows: number;
  readonly #maxRows: number;
  #rows = 0;

  constructor(rowCount: number, { targetRows, maxRows }: RangePartitioning) {
    const bucketCount = Math.max(1, Math.round(rowCount / targetRows));
    this.#evenRows = Math.ceil(rowCount / bucketCount);
    this.#maxRows = maxRows;
  }

  /** Adds the rows of the next tuple; true when they begin a bucket that is not the first. */
  add(count: number): boolean {
    const isFull =
      this.#rows >= this.#evenRows || (this.#rows > 0 && this.#rows + count > this.#maxRows);
    this.#rows = isFull ? count : this.#rows + count;
    return isFull;
  }
}
