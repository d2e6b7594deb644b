import type { SealInput } from './input.js';
import { compareKeys, type KeyPart } from './sort-key.js';
import { sortRows, writeKey } from './sort-rows.js';

/** The rows of one output segment, in order: which rows of which inputs each one is made of. */
export interface MergedRows {
  readonly rowCount: number;
  /** Output row i is made of entries [starts[i], starts[i + 1]) of `inputs` and `rows`. */
  readonly starts: Uint32Array;
  /** Index of the input, by entry. */
  readonly inputs: Uint32Array;
  /** Row in that input, by entry. */
  readonly rows: Uint32Array;
}

/** One input, walked in the order of its keys. */
interface Run {
  readonly index: number;
  readonly input: SealInput;
  readonly parts: readonly KeyPart[];
  /** Null when rows lie in order. */
  readonly order: Uint32Array | null;
  readonly key: Uint32Array;
  at: number;
}

/**
 * Merges the rows of all inputs into one order by a binary heap over their next rows. Equal keys
 * come in the order of the inputs; with `combine` they make one output row.
 *
 * Memory: an order (4 bytes a row) for inputs that are not sorted; for the output segment being
 * built, 8 bytes per input row.
 */
export class RowMerger {
  readonly #heap: Run[] = [];
  readonly #width: number;

  constructor(
    inputs: readonly SealInput[],
    partsOf: (input: number) => readonly KeyPart[],
    private readonly combine: boolean,
  ) {
    this.#width = partsOf(0).reduce((sum, part) => sum + part.words, 0);
    for (const [index, input] of inputs.entries()) {
      if (input.segment.rowCount === 0) continue;
      const parts = partsOf(index);
      const key = new Uint32Array(this.#width);
      const run = { index, input, parts, order: sortRows(input, parts), key, at: 0 };
      readKey(run);
      this.#push(run);
    }
  }

  /** The next rows, at most `maxRows` of them; null when all have been given. */
  next(maxRows: number): MergedRows | null {
    if (this.#heap.length === 0) return null;
    const inputs = new Uint32List();
    const rows = new Uint32List();
    const starts = new Uint32List();
    const last = new Uint32Array(this.#width);
    for (;;) {
      const [run] = this.#heap;
      if (run === undefined) break;
      const joins =
        this.combine && starts.length > 0 && compareKeys(last, 0, run.key, 0, this.#width) === 0;
      if (!joins) {
        if (starts.length === maxRows) break;
        starts.push(rows.length);
        last.set(run.key);
      }
      inputs.push(run.index);
      rows.push(rowOf(run));
      this.#advance(run);
    }
    const rowCount = starts.length;
    starts.push(rows.length);
    return {
      rowCount,
      starts: starts.toArray(),
      inputs: inputs.toArray(),
      rows: rows.toArray(),
    };
  }

  /** Moves the run at the top to its next row. */
  #advance(run: Run): void {
    const heap = this.#heap;
    if (++run.at < run.input.segment.rowCount) readKey(run);
    else {
      const moved = heap.pop()!;
      if (heap.length === 0) return;
      heap[0] = moved;
    }
    if (heap.length > 1) this.#sink();
  }

  #push(run: Run): void {
    const heap = this.#heap;
    let at = heap.push(run) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(run, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = run;
  }

  #sink(): void {
    const heap = this.#heap;
    const run = heap[0]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, run)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = run;
  }

  #before(a: Run, b: Run): boolean {
    const order = compareKeys(a.key, 0, b.key, 0, this.#width);
    return order < 0 || (order === 0 && a.index < b.index);
  }
}

const rowOf = ({ order, at }: Run): number => (order === null ? at : order[at]!);

function readKey(run: Run): void {
  run.input.cursor.row = rowOf(run);
  writeKey(run.parts, run.key, 0);
}

/** A growing Uint32Array. */
class Uint32List {
  #values = new Uint32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const wider = new Uint32Array(2 * this.length);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.length++] = value;
  }

  toArray(): Uint32Array {
    return this.#values.subarray(0, this.length);
  }
}
