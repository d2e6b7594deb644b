/** Codes by dimension, by record. */
export type RecordCodes = readonly ArrayLike<number>[];

/**
 * Sorts numbers of records by their codes of dimensions from `from` on, the first one before all others; equal ones stay in
 * their order. One pass for each dimension, from the last to the first: codes are small integers, so that nothing is compared.
 */
export class RecordSorter {
  #spare = new Int32Array(0);
  #places = new Int32Array(0);

  constructor(private readonly sizes: readonly number[]) {}

  sort(records: Int32Array, codes: RecordCodes, from: number): void {
    const count = records.length;
    if (count < 2) return;
    if (count > this.#spare.length) this.#spare = new Int32Array(2 * count);
    for (let dimension = codes.length - 1; dimension >= from; dimension--) {
      const column = codes[dimension]!;
      if (areEqual(records, column)) continue;
      if (this.sizes[dimension]! <= MOST_PLACES * count) this.#count(records, column, dimension);
      else pack(records, column);
    }
  }

  /** A counting sort. */
  #count(records: Int32Array, column: ArrayLike<number>, dimension: number): void {
    const places = this.#clearPlaces(this.sizes[dimension]! + 1);
    const count = records.length;
    for (let i = 0; i < count; i++) places[column[records[i]!]! + 1]!++;
    for (let code = 1; code < places.length; code++) places[code]! += places[code - 1]!;
    const spare = this.#spare;
    for (let i = 0; i < count; i++) {
      const record = records[i]!;
      spare[places[column[record]!]!++] = record;
    }
    for (let i = 0; i < count; i++) records[i] = spare[i]!;
  }

  #clearPlaces(count: number): Int32Array {
    if (this.#places.length < count) this.#places = new Int32Array(2 * count);
    return this.#places.subarray(0, count).fill(0);
  }
}

/** To count more codes than so many times the records takes longer than to sort them. */
const MOST_PLACES = 4;

function areEqual(records: Int32Array, column: ArrayLike<number>): boolean {
  const first = column[records[0]!];
  for (let i = 1; i < records.length; i++) if (column[records[i]!] !== first) return false;
  return true;
}

/** Codes above positions, in one number: exact, as long as there are fewer than 2^21 of 2^32 codes. */
function pack(records: Int32Array, column: ArrayLike<number>): void {
  const count = records.length;
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = column[records[i]!]! * count + i;
  keys.sort();
  const sorted = Int32Array.from(keys, (key) => records[key % count]!);
  records.set(sorted);
}
