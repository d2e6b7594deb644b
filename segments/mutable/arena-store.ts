import type { ArenaPool, ArenaRange } from '../../core/index.js';

/** Where some bytes lie. Plain data, save for the shared memory, which every thread can be sent. */
export interface Place {
  readonly memory: WebAssembly.Memory;
  readonly offset: number;
}

/** The arena ranges of one mutable segment. They are never moved, and given back all at once. */
export class ArenaStore {
  readonly #ranges: ArenaRange[] = [];
  #sizeBytes = 0;

  constructor(private readonly pool: ArenaPool) {}

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Zeroed bytes. Throws ResourceLimitError when the pool is used up. */
  allocate(sizeBytes: number): Place {
    const range = this.pool.allocate(sizeBytes);
    this.#ranges.push(range);
    this.#sizeBytes += sizeBytes;
    return { memory: range.arena.memory, offset: range.offset };
  }

  close(): void {
    for (const range of this.#ranges.splice(0)) this.pool.free(range);
    this.#sizeBytes = 0;
  }
}
