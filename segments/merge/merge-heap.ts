/** Gives the runs 0 … count-1, of which each is in order, again and again by what stands first in them. A binary heap. */
export class MergeHeap {
  readonly #heap: Uint32Array;
  #size: number;

  /** Equal ones come in the order of the runs. */
  constructor(
    count: number,
    private readonly compare: (a: number, b: number) => number,
  ) {
    this.#heap = Uint32Array.from({ length: count }, (_, run) => run);
    this.#size = count;
    for (let at = (count >>> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  get size(): number {
    return this.#size;
  }

  /** The run whose first entry comes first. */
  get top(): number {
    return this.#heap[0]!;
  }

  /** The top run has moved on to its next entry. */
  moved(): void {
    this.#sink(0);
  }

  /** The top run has no more entries. */
  ended(): void {
    this.#heap[0] = this.#heap[--this.#size]!;
    this.#sink(0);
  }

  #sink(start: number): void {
    const heap = this.#heap;
    const size = this.#size;
    const run = heap[start]!;
    let at = start;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#isBefore(heap[child]!, run)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = run;
  }

  #isBefore(a: number, b: number): boolean {
    const order = this.compare(a, b);
    return order < 0 || (order === 0 && a < b);
  }
}
