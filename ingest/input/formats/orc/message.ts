import { utf8Decode } from '../../../../core/index.js';

/** A message in Protocol Buffers' encoding, by the numbers of its fields. ORC's metadata are such messages. */
export class Message {
  readonly #fields = new Map<number, (number | Uint8Array)[]>();

  /** Throws RangeError for bytes that are none. Numbers beyond 2^53 are not exact: no size is as large. */
  constructor(bytes: Uint8Array) {
    let at = 0;
    const varint = (): number => {
      let value = 0;
      for (let unit = 1; unit < 2 ** 70; unit *= 128) {
        const byte = bytes[at++];
        if (byte === undefined) break;
        value += (byte & 0x7f) * unit;
        if (byte < 0x80) return value;
      }
      throw new RangeError('the metadata end too early');
    };
    const raw = (length: number): Uint8Array => {
      if (length > bytes.length - at) throw new RangeError('the metadata end too early');
      at += length;
      return bytes.subarray(at - length, at);
    };
    while (at < bytes.length) {
      const key = varint();
      const wire = key % 8;
      const field = (key - wire) / 8;
      if (wire === 0) this.#add(field, varint());
      else if (wire === 1) this.#add(field, raw(8));
      else if (wire === 2) this.#add(field, raw(varint()));
      else if (wire === 5) this.#add(field, raw(4));
      else throw new RangeError('the metadata are of an unknown form');
    }
  }

  #add(field: number, value: number | Uint8Array): void {
    const values = this.#fields.get(field);
    if (values === undefined) this.#fields.set(field, [value]);
    else values.push(value);
  }

  /** A number; 0 where it is absent. */
  number(field: number): number {
    const value = this.#fields.get(field)?.at(-1);
    return typeof value === 'number' ? value : 0;
  }

  text(field: number): string {
    return this.texts(field).at(-1) ?? '';
  }

  texts(field: number): string[] {
    return this.blobs(field).map(utf8Decode);
  }

  messages(field: number): Message[] {
    return this.blobs(field).map((bytes) => new Message(bytes));
  }

  /** Repeated numbers, packed or not. */
  numbers(field: number): number[] {
    return (this.#fields.get(field) ?? []).flatMap((value) =>
      typeof value === 'number' ? [value] : unpacked(value),
    );
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  blobs(field: number): Uint8Array[] {
    return (this.#fields.get(field) ?? []).filter((value) => typeof value !== 'number');
  }
}

function unpacked(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let value = 0;
  let unit = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * unit;
    unit *= 128;
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0;
    unit = 1;
  }
  return numbers;
}
