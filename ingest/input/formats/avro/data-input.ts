import { type Long, toLong, utf8Decode } from '../../../../core/index.js';

/** Items that take no bytes, such as nulls in an array: as many as one block may have. */
const MAX_EMPTY_ITEMS = 2 ** 20;

/** How deep records, arrays and maps may be nested in data. */
const MAX_DEPTH = 200;

/** Longer texts are decoded faster by the decoder than byte by byte. */
const SHORT_TEXT = 24;

/** Reads the fields of Avro's binary encoding in turn. Every method throws RangeError for what does not fit the bytes. */
export class AvroInput {
  #at = 0;
  #depth = 0;
  #emptyItems = 0;
  readonly #view: DataView;

  /** All bytes; a Uint8Array, since slices of a Buffer are no copies. */
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.bytes.length - this.#at;
  }

  boolean(): boolean {
    const byte = this.bytes[this.#take(1)]!;
    if (byte > 1) throw new RangeError('a boolean is neither 0 nor 1');
    return byte === 1;
  }

  /** An int or a long: zigzag, 7 bits a byte, least significant first. */
  long(): Long {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
    }
    return this.#longer(low);
  }

  /** Goes on behind the lowest 28 bits. */
  #longer(low: number): Long {
    let middle = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      middle |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (middle < 2 ** 25) {
        const value = middle * 2 ** 28 + low;
        return low & 1 ? -(value + 1) / 2 : value / 2;
      }
      return wide(low, middle, 0);
    }
    const first = this.#byte();
    const second = first < 0x80 ? 0 : this.#byte();
    if (second > 1) throw new RangeError('an integer has more than 64 bits');
    return wide(low, middle, (first & 0x7f) | (second << 7));
  }

  /** A long that counts something. */
  size(): number {
    const size = this.long();
    if (typeof size === 'number' && size >= 0) return size;
    throw new RangeError(`a size is ${size}`);
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A view of the next `length` bytes. */
  raw(length: number): Uint8Array {
    const start = this.#take(length);
    return this.bytes.subarray(start, start + length);
  }

  /** A view of bytes behind their length. */
  blob(): Uint8Array {
    return this.raw(this.size());
  }

  text(): string {
    const length = this.size();
    if (length > SHORT_TEXT) return utf8Decode(this.raw(length));
    const start = this.#take(length);
    let text = '';
    for (let i = start; i < this.#at; i++) {
      const byte = this.bytes[i]!;
      if (byte >= 0x80) return utf8Decode(this.bytes.subarray(start, this.#at));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** The items of an array or a map, block by block: `read` is called once for each. */
  items(read: () => void): void {
    this.enter();
    for (let count = this.#blockCount(); count > 0; count = this.#blockCount()) {
      this.expectItems(count);
      for (let i = 0; i < count; i++) read();
    }
    this.leave();
  }

  /** `count` items are said to come. Throws where they cannot, so that few bytes never make many items. */
  expectItems(count: number): void {
    if (count <= this.remaining) return;
    this.#emptyItems += count;
    if (this.#emptyItems > MAX_EMPTY_ITEMS) {
      throw new RangeError(`${count} items in ${this.remaining} bytes`);
    }
  }

  /** Goes a level deeper, to be left again. */
  enter(): void {
    if (++this.#depth > MAX_DEPTH) throw new RangeError(`it is nested more than ${MAX_DEPTH} deep`);
  }

  leave(): void {
    this.#depth--;
  }

  /** A negative count is followed by the size of the block, for those who skip it. */
  #blockCount(): number {
    const count = this.long();
    if (typeof count !== 'number') throw new RangeError(`a count is ${count}`);
    if (count >= 0) return count;
    this.size();
    return -count;
  }

  #byte(): number {
    const byte = this.bytes[this.#at];
    if (byte === undefined) throw new RangeError('the bytes end');
    this.#at++;
    return byte;
  }

  #take(count: number): number {
    const start = this.#at;
    if (count > this.bytes.length - start) throw new RangeError('the bytes end');
    this.#at = start + count;
    return start;
  }
}

/** The Long of 28, 28 and 8 bits in zigzag. */
function wide(low: number, middle: number, high: number): Long {
  const bits = BigInt(low) | (BigInt(middle) << 28n) | (BigInt(high) << 56n);
  return toLong((bits >> 1n) ^ -(bits & 1n));
}
