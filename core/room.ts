/** What is larger is not kept. */
const MAX_BYTES = 1 << 20;

/**
 * Memory for arrays that are done with before the next one of the same room is asked for: what is allocated anew, batch
 * by batch, is garbage to collect and pages to clear. An array holds whatever the one before left there.
 */
export class Room {
  #buffer = new ArrayBuffer(0);

  words(count: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#atLeast(4 * count), 0, count);
  }

  doubles(count: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#atLeast(8 * count), 0, count);
  }

  #atLeast(bytes: number): ArrayBuffer {
    const { byteLength } = this.#buffer;
    if (bytes > byteLength || byteLength > MAX_BYTES) {
      // Batches are not all of one size.
      this.#buffer = new ArrayBuffer(bytes + (bytes >>> 1));
    }
    return this.#buffer;
  }
}
