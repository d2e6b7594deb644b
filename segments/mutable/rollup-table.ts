const FIRST_SLOTS = 1024;
const EMPTY = -1;

/**
 * Finds equal keys: an open-addressing hash table with linear probing, at most half full. A key is
 * `width` words; keys are numbered 0, 1, 2 … in order of arrival and kept in that order.
 */
export class RollupTable {
  #slots = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  #keys: Uint32Array;
  #size = 0;

  constructor(readonly width: number) {
    this.#keys = new Uint32Array((FIRST_SLOTS / 2) * width);
  }

  get size(): number {
    return this.#size;
  }

  get sizeBytes(): number {
    return this.#slots.byteLength + this.#keys.byteLength;
  }

  /** The number of the key at `words[at … at + width)`; a key not seen before gets number `size`. */
  numberOf(words: Uint32Array, at: number): number {
    if (2 * (this.#size + 1) > this.#slots.length) this.#grow();
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashWords(words, at, this.width) & mask;
    for (;;) {
      const number = slots[slot]!;
      if (number === EMPTY) return this.#add(slot, words, at);
      if (this.#equals(number, words, at)) return number;
      slot = (slot + 1) & mask;
    }
  }

  /** Forgets all keys but the first `size`. */
  truncate(size: number): void {
    this.#size = size;
    this.#insertAll(this.#slots.fill(EMPTY), this.#keys);
  }

  #equals(number: number, words: Uint32Array, at: number): boolean {
    const keys = this.#keys;
    const { width } = this;
    const start = number * width;
    for (let i = 0; i < width; i++) if (keys[start + i] !== words[at + i]) return false;
    return true;
  }

  #add(slot: number, words: Uint32Array, at: number): number {
    const number = this.#size++;
    const { width } = this;
    for (let i = 0; i < width; i++) this.#keys[number * width + i] = words[at + i]!;
    this.#slots[slot] = number;
    return number;
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length).fill(EMPTY);
    const keys = new Uint32Array((slots.length / 2) * this.width);
    keys.set(this.#keys.subarray(0, this.#size * this.width));
    this.#insertAll(slots, keys);
    this.#slots = slots;
    this.#keys = keys;
  }

  #insertAll(slots: Int32Array, keys: Uint32Array): void {
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = hashWords(keys, number * this.width, this.width) & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
  }
}

/** Mixes each word as MurmurHash3_x86_32 does its blocks, with its finaliser. */
function hashWords(words: Uint32Array, at: number, width: number): number {
  let hash = width;
  for (let i = 0; i < width; i++) {
    let word = Math.imul(words[at + i]!, 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    hash ^= Math.imul(word, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
