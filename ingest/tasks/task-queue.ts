/** A unit of work that holds one table. */
interface Waiting {
  readonly table: string;
  readonly start: () => Promise<void>;
}

/**
 * Runs work in the order of arrival, at most `slots` at a time and one at a time per table. The
 * latter is Druid's exclusive time-chunk lock made as coarse as a table: two tasks never write to
 * the same chunk at once, and each sees what the one before it has published.
 */
export class TaskQueue {
  readonly #waiting: Waiting[] = [];
  readonly #busy = new Set<string>();

  /** @param slots how many there are now */
  constructor(private readonly slots: () => number) {}

  /**
   * `start` is called when the table is free and there is a slot; it must not throw. Returns a
   * function that takes the work out of the queue; false when it has started already.
   */
  add(table: string, start: () => Promise<void>): () => boolean {
    const work: Waiting = { table, start };
    this.#waiting.push(work);
    this.startNext();
    return () => {
      const index = this.#waiting.indexOf(work);
      if (index >= 0) this.#waiting.splice(index, 1);
      return index >= 0;
    };
  }

  /** Whether work on this table would have to wait for other work on it. */
  isBusy(table: string): boolean {
    return this.#busy.has(table);
  }

  /** Starts what can start; to be called when there may be more slots. */
  startNext(): void {
    while (this.#busy.size < this.slots()) {
      const index = this.#waiting.findIndex(({ table }) => !this.#busy.has(table));
      const next = this.#waiting[index];
      if (next === undefined) return;
      this.#waiting.splice(index, 1);
      this.#busy.add(next.table);
      void next.start().finally(() => {
        this.#busy.delete(next.table);
        this.startNext();
      });
    }
  }
}
