import type { Value } from '../../model/index.js';
import {
  nullBitmapBytes,
  type ScanColumn,
  type ScanMemory,
  setNull,
} from '../../segments/index.js';
import type { GroupIds } from '../interpreter/groups.js';
import type { EntryCodes } from './entry-keys.js';
import { type CodePlace, codeIn } from './output-keys.js';
import { Scratch, unlessFull } from './scratch.js';

/** A LONG or DOUBLE of a group by the address of its entry: its value, or where in the entry its bits are. */
export interface EntryNumber {
  readonly type: 'LONG' | 'DOUBLE';
  readonly value: (at: number) => Value;
  readonly offset: number | null;
  /** The codes that stand for it, where there are some. */
  readonly codes: EntryCodes | null;
}

/** What a column of entries has none of. */
const NONE = { base: 0, unit: 1, size: 0, values: null, texts: null } as const;

/** Entries one after the other. */
export interface EntryRows {
  readonly address: number;
  readonly stride: number;
  readonly count: number;
}

/** Writes columns of groups beside them, for kernels to scan: null where there is no room. */
export class EntryColumns {
  /** What is left for those kernels. */
  readonly memory: ScanMemory;
  readonly #scratch: Scratch;

  constructor(
    private readonly rows: EntryRows,
    { memory, rest: { offset, sizeBytes } }: Scratch,
  ) {
    const half = Math.floor(sizeBytes / 2 / ALIGNMENT) * ALIGNMENT;
    this.#scratch = new Scratch(memory, offset, half);
    this.memory = { memory, scratch: { offset: offset + half, sizeBytes: half } };
  }

  numbers(number: EntryNumber): ScanColumn | null {
    return unlessFull(() => {
      const { count } = this.rows;
      const address = this.#scratch.take(8 * count + ALIGNMENT);
      const bytes = nullBitmapBytes(count) + ALIGNMENT;
      const nullsAddress = this.#scratch.take(bytes);
      const nulls = new Uint8Array(this.#scratch.memory.buffer, nullsAddress, bytes).fill(0);
      const hasNulls =
        number.offset === null
          ? this.#write(number, address, nulls)
          : this.#copy(number.offset, address);
      const layout = number.type === 'LONG' ? 'longs' : 'doubles';
      const shared = { ...NONE, width: 8, address } as const;
      return { type: number.type, layout, nulls: hasNulls ? nullsAddress : null, ...shared };
    });
  }

  ids({ size, id }: GroupIds): ScanColumn | null {
    return unlessFull(() => {
      const { count } = this.rows;
      const address = this.#scratch.take(4 * count + ALIGNMENT);
      const ids = new Uint32Array(this.#scratch.memory.buffer, address, count);
      for (let row = 0; row < count; row++) ids[row] = id(row);
      const shared = { ...NONE, width: 4, address, nulls: null, size } as const;
      return { type: 'STRING', layout: 'ids', ...shared };
    });
  }

  /** Bits as they are, which are never null. */
  #copy(offset: number, address: number): boolean {
    const { address: first, stride, count } = this.rows;
    const { buffer } = this.#scratch.memory;
    const from = new Int32Array(
      buffer,
      first + offset,
      count === 0 ? 0 : ((count - 1) * stride) / 4 + 2,
    );
    const to = new Int32Array(buffer, address, 2 * count);
    for (let row = 0, at = 0; row < count; row++, at += stride / 4) {
      to[2 * row] = from[at]!;
      to[2 * row + 1] = from[at + 1]!;
    }
    return false;
  }

  /** Tells whether there are nulls. */
  #write({ type, value, codes }: EntryNumber, address: number, nulls: Uint8Array): boolean {
    const { memory, view } = this.#scratch;
    const { address: first, stride, count } = this.rows;
    const given = codes && codesOf(this.rows, memory, codes.place);
    const words = new Int32Array(memory.buffer, address, 2 * count);
    let hasNulls = false;
    for (let row = 0; row < count; row++) {
      const number = given ? codes!.value(given[row]!) : value(first + row * stride);
      if (number === null) {
        setNull(nulls, row);
        hasNulls = true;
      } else if (type === 'DOUBLE') view.setFloat64(address + 8 * row, Number(number), true);
      else if (typeof number === 'number') {
        words[2 * row] = number | 0;
        words[2 * row + 1] = Math.floor(number / 2 ** 32);
      } else view.setBigInt64(address + 8 * row, number as bigint, true);
    }
    return hasNulls;
  }
}

/** The codes of all entries. */
export function codesOf(
  { address, stride, count }: EntryRows,
  { buffer }: WebAssembly.Memory,
  place: CodePlace,
): Uint32Array {
  const size = stride / 4;
  const length = Math.max(0, (count - 1) * size + 2);
  const words = new Uint32Array(buffer, address + place.offset, length);
  const codes = new Uint32Array(count);
  for (let row = 0, at = 0; row < count; row++, at += size) {
    codes[row] = codeIn(words[at]!, words[at + 1]!, place);
  }
  return codes;
}

/** Of columns, and what vectors read behind their ends. */
const ALIGNMENT = 64;
