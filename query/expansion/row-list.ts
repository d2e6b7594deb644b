/** Growing numbers of rows. */
export class RowList {
  #rows = new Uint32Array(1024);
  length = 0;

  push(row: number): void {
    if (this.length === this.#rows.length) this.#grow(this.length + 1);
    this.#rows[this.length++] = row;
  }

  pushAll(rows: Uint32Array): void {
    const length = this.length + rows.length;
    if (length > this.#rows.length) this.#grow(length);
    this.#rows.set(rows, this.length);
    this.length = length;
  }

  /** So many times the same. */
  pushTimes(row: number, count: number): void {
    const length = this.length + count;
    if (length > this.#rows.length) this.#grow(length);
    this.#rows.fill(row, this.length, length);
    this.length = length;
  }

  get rows(): Uint32Array {
    return this.#rows.subarray(0, this.length);
  }

  #grow(length: number): void {
    const larger = new Uint32Array(Math.max(length, 2 * this.#rows.length));
    larger.set(this.rows);
    this.#rows = larger;
  }
}
