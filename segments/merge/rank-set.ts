const BITS = 32;

/** A set of numbers below `size`, and the place of each among those that are there: a bit each, and as much again. */
export class RankSet {
  readonly #bits: Uint32Array;
  /** By word of bits: how many are set in those before it. */
  readonly #before: Uint32Array;
  #count = 0;

  constructor(size: number) {
    this.#bits = new Uint32Array(Math.ceil(size / BITS));
    this.#before = new Uint32Array(this.#bits.length);
  }

  add(rank: number): void {
    this.#bits[rank >>> 5]! |= 1 << (rank & 31);
  }

  /** Call when all are there. */
  count(): void {
    let count = 0;
    for (let word = 0; word < this.#bits.length; word++) {
      this.#before[word] = count;
      count += bitCount(this.#bits[word]!);
    }
    this.#count = count;
  }

  /** Ascending. */
  members(): Uint32Array {
    const members = new Uint32Array(this.#count);
    let at = 0;
    for (let word = 0; word < this.#bits.length; word++) {
      for (let bits = this.#bits[word]!; bits !== 0; bits &= bits - 1) {
        members[at++] = BITS * word + 31 - Math.clz32(bits & -bits);
      }
    }
    return members;
  }

  /** How many members are smaller than this one. */
  placeOf(rank: number): number {
    const below = this.#bits[rank >>> 5]! & ((1 << (rank & 31)) - 1);
    return this.#before[rank >>> 5]! + bitCount(below);
  }
}

/** Warren, "Hacker's Delight", 5-1. */
function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
