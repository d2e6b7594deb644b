import { InternalError } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import type { BlockEntry, ColumnEntry } from '../format/directory.js';

/** The blocks of one column in memory: block address = `base` + offset in the file. */
export class LoadedColumn {
  constructor(
    readonly entry: ColumnEntry,
    readonly rowCount: number,
    readonly buffer: SharedArrayBuffer,
    private readonly base: number,
    /** Cells by id that are strings already; those that are decoded are added. */
    readonly knownCells: (Value | undefined)[] = [],
  ) {}

  u8(name: string): Uint8Array {
    const { offset, length } = this.#block(name);
    return new Uint8Array(this.buffer, this.base + offset, length);
  }

  u16(name: string): Uint16Array {
    const { offset, length } = this.#block(name);
    return new Uint16Array(this.buffer, this.base + offset, length / 2);
  }

  u32(name: string): Uint32Array {
    const { offset, length } = this.#block(name);
    return new Uint32Array(this.buffer, this.base + offset, length / 4);
  }

  /** All words that the bytes of a block are in, the zeros behind it included. */
  words(name: string): Uint32Array {
    const { offset, length } = this.#block(name);
    return new Uint32Array(this.buffer, this.base + offset, Math.ceil(length / 4));
  }

  f32(name: string): Float32Array {
    const { offset, length } = this.#block(name);
    return new Float32Array(this.buffer, this.base + offset, length / 4);
  }

  f64(name: string): Float64Array {
    const { offset, length } = this.#block(name);
    return new Float64Array(this.buffer, this.base + offset, length / 8);
  }

  /** Where the bytes of a block begin. */
  address(name: string): number {
    return this.base + this.#block(name).offset;
  }

  /** Where the null bitmap begins, or null when no row is null. */
  nullsAddress(): number | null {
    return this.#find('nulls') === undefined ? null : this.address('nulls');
  }

  /** The null bitmap, or null when no row is null. */
  nulls(): Uint8Array | null {
    return this.#find('nulls') === undefined ? null : this.u8('nulls');
  }

  #find(name: string): BlockEntry | undefined {
    return this.entry.blocks.find((block) => block.name === name);
  }

  #block(name: string): BlockEntry {
    const block = this.#find(name);
    if (block === undefined) throw new InternalError(`column ${this.entry.name} has no ${name}`);
    return block;
  }
}
