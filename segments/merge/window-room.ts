import { type ArenaPool, type ArenaRange, ResourceLimitError } from '../../core/index.js';

/** Blocks begin at multiples of this, as they do in files. */
const ALIGNMENT = 64;

/**
 * One piece of memory for what is read of files: windows, soon done with, are taken from its front; what several windows of a
 * column share is kept at its end. Pages that are not used cost nothing.
 */
export class WindowRoom {
  readonly #range: ArenaRange;
  readonly #kept = new Map<string, number>();
  #front = 0;
  #back: number;

  constructor(
    pool: ArenaPool,
    readonly sizeBytes: number,
  ) {
    this.#range = pool.allocate(sizeBytes, 'anything');
    this.#back = sizeBytes;
  }

  get memory(): WebAssembly.Memory {
    return this.#range.arena.memory;
  }

  /** The address of so many bytes, until the next `clear`. Throws ResourceLimitError where there is no room. */
  take(sizeBytes: number): number {
    const at = this.#front;
    this.#front += roundUp(sizeBytes);
    if (this.#front > this.#back) throw this.#tooSmall(sizeBytes);
    return this.#range.offset + at;
  }

  /** The address of bytes that `load` fills when they are first asked for, until `forget`. Throws likewise. */
  keep(key: string, sizeBytes: number, load: (target: Uint8Array) => void): number {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    this.#back -= roundUp(sizeBytes);
    if (this.#front > this.#back) throw this.#tooSmall(sizeBytes);
    const address = this.#range.offset + this.#back;
    load(new Uint8Array(this.memory.buffer, address, sizeBytes));
    this.#kept.set(key, address);
    return address;
  }

  /** Windows are read no more. */
  clear(): void {
    this.#front = 0;
  }

  /** Neither is what they shared. */
  forget(): void {
    this.clear();
    this.#kept.clear();
    this.#back = this.sizeBytes;
  }

  #tooSmall(wanted: number): ResourceLimitError {
    return new ResourceLimitError(
      `${wanted} bytes of a column are needed at once, the memory of the merge has room for ${this.sizeBytes}; raise the memory budget of tasks`,
      this.sizeBytes,
      wanted,
    );
  }
}

/** With a byte or more behind them, which a load may run over. */
const roundUp = (sizeBytes: number): number => Math.ceil((sizeBytes + 1) / ALIGNMENT) * ALIGNMENT;
