/** Brings what is to be folded into one state together, in the order in which it came. */
export class RowsByState {
  #payloads = new Float64Array();
  /** By number of a state, which is 1 or more: where its own end, and of whom it is. */
  #ends = new Uint32Array();
  #owners = new Uint32Array();

  /** Of `count` rows that lie as `gather-room.ts` says; numbers are less than `states`. */
  order(payloads: Float64Array, words: Uint32Array, count: number, states: number): void {
    this.#makeRoom(count, states);
    const [ends, owners, ordered] = [this.#ends, this.#owners, this.#payloads];
    ends.fill(0, 0, states);
    for (let i = 0; i < count; i++) {
      const number = words[4 * i + 2]!;
      ends[number]!++;
      owners[number] = words[4 * i + 3]!;
    }
    let end = 0;
    for (let number = 0; number < states; number++) {
      const own = ends[number]!;
      ends[number] = end;
      end += own;
    }
    for (let i = 0; i < count; i++) ordered[ends[words[4 * i + 2]!]!++] = payloads[2 * i]!;
  }

  /** Those of a state are from `end(number - 1)` to `end(number)`. */
  get payloads(): Float64Array {
    return this.#payloads;
  }

  end(number: number): number {
    return this.#ends[number]!;
  }

  /** The aggregate of a state that has some. */
  owner(number: number): number {
    return this.#owners[number]!;
  }

  #makeRoom(count: number, states: number): void {
    if (this.#payloads.length < count) this.#payloads = new Float64Array(count);
    if (this.#ends.length >= states) return;
    this.#ends = new Uint32Array(2 * states);
    this.#owners = new Uint32Array(2 * states);
  }
}
