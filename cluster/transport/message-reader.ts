import { CorruptBytesError } from '../../core/index.js';
import { LIST_KINDS, MAX_DEPTH, MAX_VALUES, TYPED_ARRAY } from './message-format.js';

/**
 * The message that `bytes` hold; nothing of it is a view of them. Throws CorruptBytesError for all other bytes, having
 * allocated in proportion to their number at most.
 */
export function readMessage(bytes: Uint8Array): unknown {
  const reader = new MessageReader(bytes);
  const value = reader.value(0);
  reader.expectEnd();
  return value;
}

class MessageReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  expectEnd(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw this.#damage(this.#at, `${left} bytes are left over`);
  }

  value(depth: number): unknown {
    const start = this.#take(1);
    if (++this.#values > MAX_VALUES) throw this.#damage(start, `more than ${MAX_VALUES} values`);
    const token = this.#bytes[start]!;
    if (token < 0x80) return token;
    if (token < 0x90) return this.#map(token & 0x0f, depth);
    if (token < 0xa0) return this.#list(token & 0x0f, depth);
    if (token < 0xc0) return this.#text(token & 0x1f);
    if (token >= 0xe0) return token - 0x100;
    switch (token) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc6:
        return new Uint8Array(this.#raw(this.#word()));
      case 0xc9:
        return this.#typedArray();
      case 0xcb:
        return this.#view.getFloat64(this.#take(8));
      case 0xcf:
        return this.#view.getBigUint64(this.#take(8));
      case 0xd2:
        return this.#view.getInt32(this.#take(4));
      case 0xd3:
        return this.#view.getBigInt64(this.#take(8));
      case 0xdb:
        return this.#text(this.#word());
      case 0xdd:
        return this.#list(this.#word(), depth);
      case 0xdf:
        return this.#map(this.#word(), depth);
      default:
        throw this.#damage(start, `0x${token.toString(16)} begins no value`);
    }
  }

  /** Grows with what is there, whatever its head says. */
  #list(count: number, depth: number): unknown[] {
    this.#checkDepth(depth);
    const items: unknown[] = [];
    for (let i = 0; i < count; i++) items.push(this.value(depth + 1));
    return items;
  }

  #map(count: number, depth: number): Record<string, unknown> {
    this.#checkDepth(depth);
    const members: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const key = this.#key();
      const value = this.value(depth + 1);
      if (key === '__proto__') {
        Object.defineProperty(members, key, { value, ...ORDINARY });
      } else members[key] = value;
    }
    return members;
  }

  #key(): string {
    const start = this.#take(1);
    const token = this.#bytes[start]!;
    if (token >= 0xa0 && token < 0xc0) return this.#text(token & 0x1f);
    if (token === 0xdb) return this.#text(this.#word());
    throw this.#damage(start, 'a key is not a text');
  }

  /** Short ones are quicker by hand, as long as they are ASCII. */
  #text(length: number): string {
    const start = this.#take(length);
    const end = start + length;
    if (length >= 16) return this.#bytes.toString('utf8', start, end);
    let text = '';
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at]!;
      if (byte >= 0x80) return this.#bytes.toString('utf8', start, end);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** In memory of its own, so it is aligned. */
  #typedArray(): ArrayBufferView {
    const start = this.#at;
    const length = this.#word();
    const [type, kind = -1] = this.#raw(2);
    const List = LIST_KINDS[kind];
    if (type !== TYPED_ARRAY || List === undefined) throw this.#damage(start, 'an unknown type');
    const size = length - 1;
    if (size < 0 || size % List.BYTES_PER_ELEMENT !== 0) {
      throw this.#damage(start, `${size} bytes are no whole ${List.name}`);
    }
    return new List(new Uint8Array(this.#raw(size)).buffer);
  }

  #checkDepth(depth: number): void {
    if (depth >= MAX_DEPTH) throw this.#damage(this.#at, `deeper than ${MAX_DEPTH}`);
  }

  #word(): number {
    return this.#view.getUint32(this.#take(4));
  }

  #raw(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  #take(count: number): number {
    const start = this.#at;
    const left = this.#bytes.length - start;
    if (count > left) throw this.#damage(start, `wants ${count} bytes, ${left} are left`);
    this.#at = start + count;
    return start;
  }

  #damage(offset: number, detail: string): CorruptBytesError {
    return new CorruptBytesError(offset, detail);
  }
}

const ORDINARY = { enumerable: true, writable: true, configurable: true };
