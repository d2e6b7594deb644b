/**
 * Which pairs of some numbers have not come together yet. A number beside itself is a pair, too. Pairs of small numbers are
 * asked for before others.
 */
export class PairCover {
  readonly #isCovered: Uint8Array;

  constructor(private readonly size: number) {
    this.#isCovered = new Uint8Array(size * size);
  }

  /** A pair that is left, which is none that is left any more; null where there is none. */
  next(): readonly [smaller: number, larger: number] | null {
    for (let larger = 0; larger < this.size; larger++) {
      for (let smaller = 0; smaller <= larger; smaller++) {
        if (this.#isCovered[larger * this.size + smaller] === 1) continue;
        this.cover([smaller, larger]);
        return [smaller, larger];
      }
    }
    return null;
  }

  /** These came together. */
  cover(numbers: readonly number[]): void {
    for (const a of numbers) for (const b of numbers) this.#isCovered[a * this.size + b] = 1;
  }
}
