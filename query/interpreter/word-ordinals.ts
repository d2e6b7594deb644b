import { type Long, toLong } from '../../core/index.js';
import { type Scalar, scalarText } from '../../model/index.js';

const FIRST_SLOTS = 256;
const TWO_32 = 2 ** 32;

/** Numbers 64-bit keys in the order of their first appearance: open addressing over typed arrays. */
export class WordOrdinals {
  /** Two words a key, low word first. */
  #words = new Uint32Array(FIRST_SLOTS);
  /** Ordinal + 1 by slot, 0 where free; a power of two of them, twice as many as keys fit. */
  #slots = new Int32Array(FIRST_SLOTS);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  ordinal(low: number, high: number): number {
    const words = this.#words;
    const mask = this.#slots.length - 1;
    let slot = hashOf(low, high) & mask;
    for (;;) {
      const ordinal = this.#slots[slot]! - 1;
      if (ordinal < 0) break;
      if (words[2 * ordinal] === low && words[2 * ordinal + 1] === high) return ordinal;
      slot = (slot + 1) & mask;
    }
    return this.#add(slot, low, high);
  }

  low(ordinal: number): number {
    return this.#words[2 * ordinal]!;
  }

  high(ordinal: number): number {
    return this.#words[2 * ordinal + 1]!;
  }

  #add(slot: number, low: number, high: number): number {
    const ordinal = this.#count++;
    this.#slots[slot] = ordinal + 1;
    this.#words[2 * ordinal] = low;
    this.#words[2 * ordinal + 1] = high;
    if (2 * this.#count >= this.#words.length) this.#grow();
    return ordinal;
  }

  #grow(): void {
    const words = new Uint32Array(4 * this.#words.length);
    words.set(this.#words);
    this.#words = words;
    const slots = new Int32Array(words.length);
    const mask = slots.length - 1;
    for (let ordinal = 0; ordinal < this.#count; ordinal++) {
      let slot = hashOf(words[2 * ordinal]!, words[2 * ordinal + 1]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = ordinal + 1;
    }
    this.#slots = slots;
  }
}

function hashOf(low: number, high: number): number {
  let hash = Math.imul(low ^ (high >>> 15), 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  hash ^= hash >>> 16;
  return Math.imul(hash, 0xc2b2ae35) ^ (hash >>> 13);
}

/** What 64 bits of a key stand for: a number, or the text of one. */
export interface WordForm {
  readonly type: 'LONG' | 'DOUBLE';
  readonly asText: boolean;
}

export function valueOfWords({ type, asText }: WordForm, low: number, high: number): Scalar {
  const number = type === 'LONG' ? longOfWords(low, high) : doubleOfWords(low, high);
  return asText ? scalarText(number, type) : number;
}

/** The LONG of two words. */
function longOfWords(low: number, high: number): Long {
  const signed = high | 0;
  if (signed > -0x200000 && signed < 0x200000) return signed * TWO_32 + low;
  return toLong((BigInt(signed) << 32n) | BigInt(low));
}

const scratch = new DataView(new ArrayBuffer(8));

/** The double of two words. */
function doubleOfWords(low: number, high: number): number {
  scratch.setUint32(0, high);
  scratch.setUint32(4, low);
  return scratch.getFloat64(0);
}
