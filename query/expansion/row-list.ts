/** Growing numbers of rows. */
export class RowList {
  #rows = new Uint32Array(1024);
  length = 0;

  push(row: number): void {
    if (this.length === this.#rows.length) this.#grow();
    this.#rows[this.length++] = row;
  }

  get rows(): Uint32Array {
    return this.#rows.subarray(0, this.length);
  }

  #grow(): void {
    const larger = new Uint32Array(2 * this.#rows.length);
    larger.set(this.#rows);
    this.#rows = larger;
  }
}
