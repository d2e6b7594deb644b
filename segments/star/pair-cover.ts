/**
 * Which pairs of some numbers have not come together yet. A number beside itself is a pair, too, which is asked for before others:
 * the first two, then the rest from the last one on, which others do not bring along. Pairs of small numbers come before others.
 */
export class PairCover {
  readonly #isCovered: Uint8Array;

  /** Nobody asks for numbers from `wanted` on. */
  constructor(
    private readonly size: number,
    private readonly wanted: number,
  ) {
    this.#isCovered = new Uint8Array(size * size);
  }

  /** A pair that is left, which is none that is left any more; null where there is none. */
  next(): readonly [smaller: number, larger: number] | null {
    const ends = Array.from({ length: this.wanted }, (_, i) => (i < 2 ? i : this.wanted + 1 - i));
    for (const i of ends) if (this.#take(i, i)) return [i, i];
    for (let larger = 0; larger < this.wanted; larger++) {
      for (let smaller = 0; smaller < larger; smaller++) {
        if (this.#take(smaller, larger)) return [smaller, larger];
      }
    }
    return null;
  }

  #take(a: number, b: number): boolean {
    const isLeft = this.left(a, [b]) > 0;
    if (isLeft) this.cover([a, b]);
    return isLeft;
  }

  /** With how many of others a number has not come together. */
  left(number: number, others: readonly number[]): number {
    return others.filter((other) => this.#isCovered[number * this.size + other] === 0).length;
  }

  /** These came together. */
  cover(numbers: readonly number[]): void {
    for (const a of numbers) for (const b of numbers) this.#isCovered[a * this.size + b] = 1;
  }
}
