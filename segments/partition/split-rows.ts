import type { MergedRows } from '../seal/sorted-rows.js';

/** Parts output rows by their numbers 0 … count-1, each part in the order of the rows. */
export function splitRows(merged: MergedRows, numbers: Uint32Array, count: number): MergedRows[] {
  const { rowCount, entries, starts } = merged;
  const rowCounts = new Uint32Array(count);
  const entryCounts = new Uint32Array(count);
  for (let row = 0; row < rowCount; row++) {
    rowCounts[numbers[row]!]!++;
    entryCounts[numbers[row]!]! += starts === null ? 1 : starts[row + 1]! - starts[row]!;
  }
  const parts = Array.from(rowCounts, (rows, i) => new Part(rows, entryCounts[i]!));
  for (let row = 0; row < rowCount; row++) {
    const part = parts[numbers[row]!]!;
    if (starts === null) part.add(entries, row, row + 1);
    else part.add(entries, starts[row]!, starts[row + 1]!);
  }
  return parts.map((part) => part.rows());
}

class Part {
  readonly #entries: Uint32Array;
  readonly #starts: Uint32Array;
  #rowCount = 0;
  #entryCount = 0;

  constructor(rowCount: number, entryCount: number) {
    this.#entries = new Uint32Array(entryCount);
    this.#starts = new Uint32Array(rowCount + 1);
  }

  add(entries: Uint32Array, from: number, to: number): void {
    for (let i = from; i < to; i++) this.#entries[this.#entryCount++] = entries[i]!;
    this.#starts[++this.#rowCount] = this.#entryCount;
  }

  rows(): MergedRows {
    const isCombined = this.#rowCount < this.#entryCount;
    return {
      rowCount: this.#rowCount,
      entries: this.#entries,
      starts: isCombined ? this.#starts : null,
    };
  }
}
