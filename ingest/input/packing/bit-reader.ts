/** Reads bits, most significant first, of bytes that must be there: a missing one throws RangeError. */
export class BitReader {
  #bits = 0;
  #count = 0;

  constructor(
    private readonly bytes: Uint8Array,
    /** Of the next byte that is not among the bits. */
    private at: number,
    /** Bits of it that are used up already: 0 to 7. */
    used: number,
  ) {
    if (used > 0) this.read(used);
  }

  /** Bits read, from the begin of the bytes. */
  get position(): number {
    return this.at * 8 - this.#count;
  }

  /** The next `count` bits as a number, at most 24. */
  read(count: number): number {
    const value = this.peek(count);
    if (this.#count < count) throw new RangeError('the bytes end');
    this.#count -= count;
    return value;
  }

  /** As `read`, with zeros behind the end, and nothing is used up. */
  peek(count: number): number {
    while (this.#count < count && this.at < this.bytes.length) {
      this.#bits = ((this.#bits << 8) | this.bytes[this.at++]!) & 0xffffffff;
      this.#count += 8;
    }
    if (this.#count < count) return (this.#bits << (count - this.#count)) & (2 ** count - 1);
    return (this.#bits >>> (this.#count - count)) & (2 ** count - 1);
  }

  advance(count: number): void {
    if (this.#count < count) throw new RangeError('the bytes end');
    this.#count -= count;
  }
}
