import type { RowOrder } from './column.js';

const UNKNOWN = 0xffffffff;

/** The ids that a column has for those of somebody else's dictionary, found as they come up. */
export class TranslatedIds {
  #own = new Uint32Array(0);

  constructor(private readonly find: (id: number) => number) {}

  /** For ids below `size`. */
  grow(size: number): void {
    const old = this.#own;
    if (size <= old.length) return;
    this.#own = new Uint32Array(Math.max(size, 2 * old.length)).fill(UNKNOWN);
    this.#own.set(old);
  }

  /** `target[i]` is the own id of entry `i` of the order. */
  translate(ids: Uint32Array, order: RowOrder, target: Uint32Array): void {
    const own = this.#own;
    for (let i = 0; i < target.length; i++) {
      const id = order === null ? ids[i]! : ids[order[i]!]!;
      let found = own[id]!;
      if (found === UNKNOWN) {
        found = this.find(id);
        own[id] = found;
      }
      target[i] = found;
    }
  }
}
