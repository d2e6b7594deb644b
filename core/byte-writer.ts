import { invariant } from './errors.js';
import type { Long } from './long.js';
import { utf8Encode } from './text.js';

/** Appends little-endian fields to a growing buffer. The counterpart of `ByteReader`. */
export class ByteWriter {
  private bytes: Uint8Array<ArrayBuffer>;
  private view: DataView<ArrayBuffer>;
  private end = 0;

  constructor(initialCapacityBytes = 256) {
    this.bytes = new Uint8Array(Math.max(16, initialCapacityBytes));
    this.view = new DataView(this.bytes.buffer);
  }

  /** Bytes written so far, which is also the offset of the next field. */
  get length(): number {
    return this.end;
  }

  u8(value: number): void {
    const at = this.claim(1);
    this.view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.claim(2);
    this.view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.claim(4);
    this.view.setUint32(at, value, true);
  }

  /** A safe integer that is not negative (an offset, a size, a count), as u64. */
  size(value: number): void {
    invariant(Number.isSafeInteger(value) && value >= 0, `${value} is not a size`);
    const at = this.claim(8);
    this.view.setUint32(at, value % 2 ** 32, true);
    this.view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  }

  /** A Long as i64. */
  long(value: Long): void {
    const at = this.claim(8);
    this.view.setBigInt64(at, BigInt(value), true);
  }

  f32(value: number): void {
    const at = this.claim(4);
    this.view.setFloat32(at, value, true);
  }

  f64(value: number): void {
    const at = this.claim(8);
    this.view.setFloat64(at, value, true);
  }

  /** An integer in [0, 2^53) in 1 to 8 bytes: seven bits each, lowest first, the top bit set on all but the last (LEB128). */
  varint(value: number): void {
    invariant(Number.isSafeInteger(value) && value >= 0, `${value} is not a varint`);
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.u8(rest);
  }

  /** The bytes alone; the reader must know their number. */
  raw(bytes: Uint8Array): void {
    const at = this.claim(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** A varint of the length, then the bytes. */
  blob(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  /** UTF-8 as a blob. */
  text(text: string): void {
    this.blob(utf8Encode(text));
  }

  /** Zero bytes until `length` is a multiple of `alignment`. */
  align(alignment: number): void {
    const padding = (alignment - (this.end % alignment)) % alignment;
    const at = this.claim(padding);
    this.bytes.fill(0, at, at + padding);
  }

  /** Overwrites four bytes written earlier (a length or checksum known only later). */
  patchU32(offset: number, value: number): void {
    invariant(offset >= 0 && offset + 4 <= this.end, `patch at ${offset} of ${this.end} bytes`);
    this.view.setUint32(offset, value, true);
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.end);
  }

  /** Makes room and returns where it begins. May replace `bytes` and `view`: call it before naming them. */
  private claim(count: number): number {
    const start = this.end;
    const needed = start + count;
    if (needed > this.bytes.length) this.grow(needed);
    this.end = needed;
    return start;
  }

  private grow(needed: number): void {
    const wider = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    wider.set(this.bytes.subarray(0, this.end));
    this.bytes = wider;
    this.view = new DataView(wider.buffer);
  }
}
