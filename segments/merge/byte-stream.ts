/** Reads bytes [start, end) of a file from front to end, or further on, a buffer at a time. */
export class ByteStream {
  #buffer: Uint8Array;
  /** What the buffer holds, as places in the file. */
  #from = 0;
  #to = 0;

  constructor(
    private readonly read: (target: Uint8Array, offset: number) => void,
    private readonly end: number,
    bufferBytes: number,
  ) {
    this.#buffer = new Uint8Array(bufferBytes);
  }

  /** Bytes [offset, offset + length), valid until the next call; `offset` is not before that of the last call. */
  at(offset: number, length: number): Uint8Array {
    if (offset + length > this.#to || offset < this.#from) this.#fill(offset, length);
    const start = offset - this.#from;
    return this.#buffer.subarray(start, start + length);
  }

  #fill(offset: number, length: number): void {
    if (length > this.#buffer.length) this.#buffer = new Uint8Array(2 * length);
    const size = Math.min(this.#buffer.length, this.end - offset);
    this.#from = offset;
    this.#to = offset + size;
    if (size > 0) this.read(this.#buffer.subarray(0, size), offset);
  }
}
