import { type Long, toLong } from '../../../../core/index.js';
import { type Codec, chunkAt } from './codecs.js';

/** The bytes of one stream of a column, unpacked a chunk at a time. Every method throws RangeError behind the end. */
export class OrcStream {
  #chunk: Uint8Array = new Uint8Array(0);
  /** Of the next byte in the chunk, and of the next chunk. */
  #at = 0;
  #next = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly codec: Codec,
  ) {}

  byte(): number {
    while (this.#at === this.#chunk.length) this.#advance();
    return this.#chunk[this.#at++]!;
  }

  /** The next `length` bytes, perhaps as a view, valid for now. */
  raw(length: number): Uint8Array {
    if (length <= this.#chunk.length - this.#at) {
      this.#at += length;
      return this.#chunk.subarray(this.#at - length, this.#at);
    }
    const parts: Uint8Array[] = [];
    for (let left = length; left > 0; ) {
      while (this.#at === this.#chunk.length) this.#advance();
      const part = this.#chunk.subarray(this.#at, this.#at + left);
      parts.push(part);
      this.#at += part.length;
      left -= part.length;
    }
    return plain(Buffer.concat(parts));
  }

  /** Seven bits a byte, least significant first; as an integer of 64 bits without sign. */
  varint(): Long {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < 7; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 128;
    }
    return this.#wide(BigInt(value));
  }

  #wide(low: bigint): Long {
    let value = low;
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (value >= 2n ** 64n) break;
      return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
    }
    throw new RangeError('an integer has more than 64 bits');
  }

  /** An integer of any size, zigzag. */
  bigVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 200n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
    }
    throw new RangeError('an integer is too long');
  }

  #advance(): void {
    if (this.#next >= this.bytes.length) throw new RangeError('a stream ends too early');
    const { chunk, next } = chunkAt(this.bytes, this.#next, this.codec);
    this.#chunk = plain(chunk);
    this.#at = 0;
    this.#next = next;
  }
}

/** Slices of a Buffer are no copies, as others rely on. */
const plain = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

/** 0, -1, 1, -2, … by 0, 1, 2, 3, …; an integer of 64 bits without sign becomes one with a sign. */
export function unzigzag(value: Long): Long {
  if (typeof value === 'number') return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  return toLong((value >> 1n) ^ -(value & 1n));
}
