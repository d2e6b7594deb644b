import type { RowOrder } from './column.js';

/** Its first bit tells it from ids. */
const UNKNOWN = 0xffffffff;

/** An id that is being looked for. */
const WANTED = 0;

/** Gives the own ids of other ones, distinct and none of them 0. */
type Find = (ids: Uint32Array, found: Uint32Array) => void;

/**
 * The ids that a column has for those of somebody else's dictionary, found as they come up. Id 0 is 0. Where both began
 * together and no row was left out, they number their texts alike: then no table is read, which would miss the caches.
 */
export class TranslatedIds {
  #own = new Uint32Array(1);
  /** Ids below it are the own ones. */
  #sameBelow = 1;

  constructor(private readonly find: Find) {}

  /** For ids below `size`. */
  grow(size: number): void {
    const old = this.#own;
    if (size <= old.length) return;
    this.#own = new Uint32Array(Math.max(size, 2 * old.length)).fill(UNKNOWN);
    this.#own.set(old);
  }

  /** `target[i]` is the own id of entry `i` of the order. */
  translate(ids: Uint32Array, order: RowOrder, target: Uint32Array): void {
    const wanted = this.#wantedOf(ids, order, target);
    if (wanted.length > 0) this.#learn(wanted);
    const own = this.#own;
    const sameBelow = this.#sameBelow;
    for (let i = 0; i < target.length; i++) {
      const id = order === null ? ids[i]! : ids[order[i]!]!;
      target[i] = id < sameBelow ? id : own[id]!;
    }
  }

  /** The ids that come up for the first time, in `room`. */
  #wantedOf(ids: Uint32Array, order: RowOrder, room: Uint32Array): Uint32Array {
    const own = this.#own;
    const sameBelow = this.#sameBelow;
    let unknown = 0;
    for (let i = 0; i < room.length; i++) {
      const id = order === null ? ids[i]! : ids[order[i]!]!;
      if (id < sameBelow) continue;
      room[unknown] = id;
      // No branch, which would be foretold badly.
      unknown += own[id]! >>> 31;
    }
    let count = 0;
    for (let i = 0; i < unknown; i++) {
      const id = room[i]!;
      if (own[id] !== UNKNOWN) continue;
      own[id] = WANTED;
      room[count++] = id;
    }
    return room.subarray(0, count);
  }

  #learn(ids: Uint32Array): void {
    const own = this.#own;
    const found = new Uint32Array(ids.length).fill(UNKNOWN);
    try {
      this.find(ids, found);
    } finally {
      for (let i = 0; i < ids.length; i++) own[ids[i]!] = found[i]!;
    }
    while (own[this.#sameBelow] === this.#sameBelow) this.#sameBelow++;
  }
}
