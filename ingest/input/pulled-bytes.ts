/** Room that grows by doubling begins with this. */
const FIRST_BYTES = 64 * 1024;

/**
 * Bytes that come in chunks, held as far as a decoder asks for them: it fills as many as it needs, looks at
 * them, and skips what it has used. Cost is linear in the input as long as it skips about what it fills.
 */
export class PulledBytes {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #buffer = new Uint8Array(FIRST_BYTES);
  #start = 0;
  #end = 0;
  #skipped = 0;
  #hasEnded = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Where `view` begins, counted from the begin of the input. */
  get position(): number {
    return this.#skipped;
  }

  /** Bytes that have come so far, used or not. */
  get received(): number {
    return this.#skipped + this.available;
  }

  get available(): number {
    return this.#end - this.#start;
  }

  /** Makes `count` bytes available; false when the input has fewer, which are available then. */
  async fill(count: number): Promise<boolean> {
    while (this.available < count && !this.#hasEnded) {
      const { value, done } = await this.#chunks.next();
      if (done === true) this.#hasEnded = true;
      else this.#append(value);
    }
    return this.available >= count;
  }

  /** The bytes that are available, valid until the next `fill`. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** The next `count` bytes, which must be available, as used; valid until the next `fill`. */
  take(count: number): Uint8Array<ArrayBuffer> {
    const taken = this.#buffer.subarray(this.#start, this.#start + count);
    this.advance(count);
    return taken;
  }

  advance(count: number): void {
    this.#start += count;
    this.#skipped += count;
  }

  /** Nothing more will be asked for. */
  async close(): Promise<void> {
    if (!this.#hasEnded) await this.#chunks.return?.();
    this.#hasEnded = true;
  }

  #append(chunk: Uint8Array): void {
    const { available } = this;
    const needed = available + chunk.length;
    if (this.#end + chunk.length > this.#buffer.length) {
      const held = this.view();
      let { length } = this.#buffer;
      while (length < needed) length *= 2;
      if (length > this.#buffer.length) {
        this.#buffer = new Uint8Array(length);
        this.#buffer.set(held);
      } else this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#start = 0;
      this.#end = available;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }
}
