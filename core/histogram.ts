/** Counts values by size, as histograms of Prometheus do. */
export class Histogram {
  /** How many values are not above each bound, but above the one before; those above all bounds are last. */
  readonly #counts: number[];
  #sum = 0;

  /** Of bounds that ascend. */
  constructor(readonly bounds: readonly number[]) {
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  get sum(): number {
    return this.#sum;
  }

  add(value: number): void {
    const place = this.bounds.findIndex((bound) => value <= bound);
    this.#counts[place < 0 ? this.bounds.length : place]!++;
    this.#sum += value;
  }

  /** How many values are not above each bound; the last counts all of them. */
  cumulated(): number[] {
    let count = 0;
    return this.#counts.map((each) => {
      count += each;
      return count;
    });
  }
}
