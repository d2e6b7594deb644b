/** The starts of time buckets, numbered as they first come up. They mostly come in ascending order: then nothing is looked up. */
export class BucketNumbers {
  readonly all: number[] = [];
  #numberOf: Map<number, number> | null = null;

  ordinal(startMs: number): number {
    const starts = this.all;
    const last = starts.length - 1;
    if (last >= 0 && startMs === starts[last]) return last;
    if (this.#numberOf === null) {
      if (last < 0 || startMs > starts[last]!) return starts.push(startMs) - 1;
      this.#numberOf = new Map(starts.map((start, number) => [start, number]));
    }
    const known = this.#numberOf.get(startMs);
    if (known !== undefined) return known;
    this.#numberOf.set(startMs, starts.length);
    return starts.push(startMs) - 1;
  }
}
