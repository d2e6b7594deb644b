/** Pieces of bytes, one behind the other; some are null. */
export class ByteList {
  #bytes = new Uint8Array(1 << 16);
  readonly #ends: number[] = [];
  readonly #nulls = new Set<number>();

  push(piece: Uint8Array | null): void {
    const start = this.#ends.at(-1) ?? 0;
    if (piece === null) this.#nulls.add(this.#ends.length);
    const end = start + (piece?.length ?? 0);
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    if (piece !== null) this.#bytes.set(piece, start);
    this.#ends.push(end);
  }

  /** A piece of its own. */
  at(i: number): Uint8Array | null {
    if (this.#nulls.has(i)) return null;
    return this.#bytes.slice(i === 0 ? 0 : this.#ends[i - 1]!, this.#ends[i]!);
  }
}
