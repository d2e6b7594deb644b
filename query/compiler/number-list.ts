/** Growing numbers, without a box for each. */
export class NumberList {
  #array = new Float64Array(256);
  length = 0;

  push(value: number): void {
    if (this.length === this.#array.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.length++] = value;
  }

  get values(): Float64Array {
    return this.#array.subarray(0, this.length);
  }
}
