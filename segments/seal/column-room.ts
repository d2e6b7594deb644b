import type { Width } from '../encodings/checks.js';

/**
 * Memory for one output column after another, so that each need not clear pages of its own: an array is valid
 * until the next one is asked for. What it holds at first means nothing; whoever asks writes every entry.
 */
export class ColumnRoom {
  #buffer = new ArrayBuffer(0);

  /** Unsigned integers of `width` bytes. */
  unsigned(width: Width, count: number): Uint8Array | Uint16Array | Uint32Array {
    const buffer = this.#atLeast(width * count);
    if (width === 1) return new Uint8Array(buffer, 0, count);
    return width === 2 ? new Uint16Array(buffer, 0, count) : new Uint32Array(buffer, 0, count);
  }

  words(count: number): Uint32Array {
    return new Uint32Array(this.#atLeast(4 * count), 0, count);
  }

  doubles(count: number): Float64Array {
    return new Float64Array(this.#atLeast(8 * count), 0, count);
  }

  floats(count: number): Float32Array {
    return new Float32Array(this.#atLeast(4 * count), 0, count);
  }

  #atLeast(bytes: number): ArrayBuffer {
    if (bytes > this.#buffer.byteLength) this.#buffer = new ArrayBuffer(bytes);
    return this.#buffer;
  }
}
