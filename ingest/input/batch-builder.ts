import type { BadRecord, InputBatch } from './batch.js';

/** What a report shows of a bad record. */
const MAX_SHOWN_CHARS = 1_000;

/** Collects records into the columns of one batch. A field that a record lacks stays undefined. */
export class BatchBuilder {
  readonly #columns = new Map<string, unknown[]>();
  readonly #bad: BadRecord[] = [];
  #rowCount = 0;

  /** Sets a field of the record that is being added. */
  set(name: string, value: unknown): void {
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = [];
      this.#columns.set(name, column);
    }
    while (column.length < this.#rowCount) column.push(undefined);
    column[this.#rowCount] = value;
  }

  /** Ends the record. */
  endRecord(): void {
    this.#rowCount++;
  }

  bad(input: string, reason: string): void {
    this.#bad.push({ input: input.slice(0, MAX_SHOWN_CHARS), reason });
  }

  addBad(records: readonly BadRecord[]): void {
    for (const record of records) this.#bad.push(record);
  }

  /** Cells so far, absent ones too. */
  get cellCount(): number {
    return this.#rowCount * this.#columns.size;
  }

  get isEmpty(): boolean {
    return this.#rowCount === 0 && this.#bad.length === 0;
  }

  /** The batch; the builder must not be used again. */
  build(bytes: number): InputBatch {
    for (const column of this.#columns.values()) {
      while (column.length < this.#rowCount) column.push(undefined);
    }
    return { rowCount: this.#rowCount, columns: this.#columns, bad: this.#bad, bytes };
  }
}
