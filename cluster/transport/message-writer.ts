import { InternalError } from '../../core/index.js';
import { LIST_KINDS, MAX_DEPTH, TYPED_ARRAY } from './message-format.js';

/** Packs one message after another; see `message-format.ts`. */
export class MessageWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  /** The bytes of `value`, a copy. Throws InternalError for what no message may hold: that is our own bug. */
  pack(value: unknown): Uint8Array<ArrayBuffer> {
    this.#end = 0;
    this.#value(value, 0);
    const packed = this.#bytes.slice(0, this.#end);
    if (this.#bytes.length > KEPT_BYTES) this.#resize(KEPT_BYTES);
    return packed;
  }

  #value(value: unknown, depth: number): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2);
    else if (value === null) this.#byte(0xc0);
    else if (typeof value === 'object') this.#object(value, depth);
    else if (typeof value === 'bigint') this.#bigint(value);
    else throw new InternalError(`a message cannot hold ${typeof value}`);
  }

  #object(value: object, depth: number): void {
    if (depth === MAX_DEPTH) throw new InternalError(`a message is deeper than ${MAX_DEPTH}`);
    if (Array.isArray(value)) this.#list(value, depth);
    else if (ArrayBuffer.isView(value)) this.#memory(value);
    else if (isPlain(value)) this.#map(value, depth);
    else throw new InternalError(`a message cannot hold a ${value.constructor.name}`);
  }

  #list(items: readonly unknown[], depth: number): void {
    this.#head(items.length, 0x90, 0xdd);
    // Not by forEach, which would skip holes.
    for (let i = 0; i < items.length; i++) this.#value(items[i], depth + 1);
  }

  /** Members that are undefined are left out, as in JSON. */
  #map(value: object, depth: number): void {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    this.#head(entries.length, 0x80, 0xdf);
    for (const [key, member] of entries) {
      this.#text(key);
      this.#value(member, depth + 1);
    }
  }

  #text(text: string): void {
    const { length } = text;
    // A unit takes at most three bytes; the head is moved up to them when it turns out shorter.
    this.#claim(5 + 3 * length);
    const headBytes = length < 11 ? 1 : 5;
    const start = this.#end + headBytes;
    const bytes =
      length < 24 ? this.#ascii(text, start) : encoder.encodeInto(text, this.#from(start)).written;
    if (headBytes === 1) this.#bytes[this.#end] = 0xa0 | bytes;
    else {
      this.#bytes[this.#end] = 0xdb;
      this.#view.setUint32(this.#end + 1, bytes);
    }
    this.#end = start + bytes;
  }

  /** How many bytes it wrote. Short texts are quicker by hand, as long as they are ASCII. */
  #ascii(text: string, start: number): number {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return encoder.encodeInto(text, this.#from(start)).written;
      this.#bytes[start + i] = code;
    }
    return text.length;
  }

  #number(value: number): void {
    const isInteger = (value | 0) === value && !Object.is(value, -0);
    if (isInteger && value >= -0x20 && value < 0x80) {
      this.#byte(value & 0xff);
      return;
    }
    const at = this.#claim(9);
    this.#bytes[at] = isInteger ? 0xd2 : 0xcb;
    if (isInteger) this.#view.setInt32(at + 1, value);
    else this.#view.setFloat64(at + 1, value);
    this.#end += isInteger ? 5 : 9;
  }

  #bigint(value: bigint): void {
    const isSigned = BigInt.asIntN(64, value) === value;
    if (!isSigned && BigInt.asUintN(64, value) !== value) {
      throw new InternalError(`a message cannot hold ${value}, which has more than 64 bits`);
    }
    const at = this.#claim(9);
    this.#bytes[at] = isSigned ? 0xd3 : 0xcf;
    if (isSigned) this.#view.setBigInt64(at + 1, value);
    else this.#view.setBigUint64(at + 1, value);
    this.#end += 9;
  }

  #memory(value: ArrayBufferView): void {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (value instanceof Uint8Array) {
      this.#claim(5 + bytes.length);
      this.#byte(0xc6);
      this.#word(bytes.length);
    } else {
      const kind = LIST_KINDS.findIndex((List) => value instanceof List);
      if (kind < 0) throw new InternalError(`a message cannot hold a ${value.constructor.name}`);
      this.#claim(7 + bytes.length);
      this.#byte(0xc9);
      this.#word(1 + bytes.length);
      this.#byte(TYPED_ARRAY);
      this.#byte(kind);
    }
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Of a list or map: the short form for fewer than 16, else the one of 32 bits. */
  #head(count: number, short: number, token: number): void {
    if (count < 16) this.#byte(short | count);
    else {
      this.#byte(token);
      this.#word(count);
    }
  }

  #byte(value: number): void {
    // First of all: it may replace the bytes.
    const at = this.#claim(1);
    this.#bytes[at] = value;
    this.#end++;
  }

  #word(value: number): void {
    const at = this.#claim(4);
    this.#view.setUint32(at, value);
    this.#end += 4;
  }

  #from(start: number): Uint8Array {
    return this.#bytes.subarray(start);
  }

  /** Makes room for so many bytes; gives where they begin. */
  #claim(count: number): number {
    const needed = this.#end + count;
    if (needed > this.#bytes.length) this.#resize(Math.max(needed, 2 * this.#bytes.length));
    return this.#end;
  }

  #resize(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes.subarray(0, Math.min(size, this.#end)));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/** Room that is kept from message to message. */
const KEPT_BYTES = 1 << 20;

const encoder = new TextEncoder();

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
