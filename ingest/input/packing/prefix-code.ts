import type { BitReader } from './bit-reader.js';

/** A code is looked up by so many of its bits. */
const TABLE_BITS = 10;

/** A canonical prefix code, given by the length of each symbol's code, 1 to 20 bits. */
export class PrefixCode {
  /** By the next bits: symbol and length, as `symbol << 5 | length`; 0 where the code is longer, or none. */
  readonly #table = new Uint16Array(2 ** TABLE_BITS);
  /** Symbols in the order of their codes. */
  readonly #symbols: Uint16Array;
  /** By length: the first code, where its symbol is, and how many there are. */
  readonly #first = new Uint32Array(22);
  readonly #index = new Uint32Array(22);
  readonly #count = new Uint32Array(22);

  constructor(lengths: Uint8Array) {
    for (const length of lengths) this.#count[length]!++;
    let code = 0;
    let index = 0;
    for (let length = 1; length <= 20; length++) {
      this.#first[length] = code;
      this.#index[length] = index;
      index += this.#count[length]!;
      code = (code + this.#count[length]!) * 2;
    }
    const next = this.#index.slice();
    this.#symbols = new Uint16Array(index);
    for (const [symbol, length] of lengths.entries()) this.#symbols[next[length]!++] = symbol;
    for (let length = 1; length <= TABLE_BITS; length++) this.#enter(length);
  }

  #enter(length: number): void {
    const width = 2 ** (TABLE_BITS - length);
    for (let i = 0; i < this.#count[length]!; i++) {
      const start = (this.#first[length]! + i) * width;
      const entry = (this.#symbols[this.#index[length]! + i]! << 5) | length;
      this.#table.fill(entry, start, start + width);
    }
  }

  /** The next symbol. Throws RangeError where the bits are none. */
  read(bits: BitReader): number {
    const entry = this.#table[bits.peek(TABLE_BITS)]!;
    if (entry !== 0) {
      bits.advance(entry & 31);
      return entry >> 5;
    }
    const ahead = bits.peek(20);
    for (let length = TABLE_BITS + 1; length <= 20; length++) {
      const offset = (ahead >> (20 - length)) - this.#first[length]!;
      if (offset >= 0 && offset < this.#count[length]!) {
        bits.advance(length);
        return this.#symbols[this.#index[length]! + offset]!;
      }
    }
    throw new RangeError('the bits are no code');
  }
}
