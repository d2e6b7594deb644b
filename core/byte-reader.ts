import { CorruptBytesError } from './errors.js';
import { type Long, toLong } from './long.js';
import { utf8Decode } from './text.js';

/**
 * Reads little-endian fields in turn, never outside `bytes`, whatever they hold. The counterpart
 * of `ByteWriter`. Every method throws CorruptBytesError when the field does not fit.
 */
export class ByteReader {
  private readonly view: DataView;
  private at: number;

  constructor(
    private readonly bytes: Uint8Array,
    offset = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.advance(offset);
  }

  /** Offset of the next field. */
  get offset(): number {
    return this.at;
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** A u64 that must be a safe integer. */
  size(): number {
    const at = this.take(8);
    const value = this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 2 ** 32;
    if (!Number.isSafeInteger(value)) throw new CorruptBytesError(at, 'a size is beyond 2^53');
    return value;
  }

  /** An i64 as a canonical Long. */
  long(): Long {
    return toLong(this.view.getBigInt64(this.take(8), true));
  }

  f32(): number {
    return this.view.getFloat32(this.take(4), true);
  }

  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  /** See `ByteWriter.varint`. */
  varint(): number {
    const start = this.at;
    let value = 0;
    let unit = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      unit *= 0x80;
    }
    throw new CorruptBytesError(start, 'a varint is beyond 2^53');
  }

  /** A view (not a copy) of the next `length` bytes. */
  raw(length: number): Uint8Array {
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  /** A view of bytes preceded by their length as a varint. */
  blob(): Uint8Array {
    return this.raw(this.varint());
  }

  text(): string {
    return utf8Decode(this.blob());
  }

  advance(length: number): void {
    this.take(length);
  }

  /** Skips to the next multiple of `alignment`. */
  align(alignment: number): void {
    this.advance((alignment - (this.at % alignment)) % alignment);
  }

  /** Throws unless every byte has been read. */
  expectEnd(): void {
    if (this.remaining !== 0) {
      throw new CorruptBytesError(this.at, `${this.remaining} bytes are left over`);
    }
  }

  private take(count: number): number {
    const start = this.at;
    if (!(count >= 0) || count > this.bytes.length - start) {
      throw new CorruptBytesError(
        start,
        `wants ${count} bytes, ${this.bytes.length - start} are left`,
      );
    }
    this.at = start + count;
    return start;
  }
}
