/** Bytes of an entry. */
export type EntryWidth = 0 | 1 | 2 | 4 | 8;

/** Writes the entries of a part anew, in another width. */
type Conversion = (from: Uint8Array, to: Uint8Array) => void;

/** Of entries: a part has room for as many at least. */
const FIRST_CAPACITY = 1024;

/** Capacities are multiples of this: kernels look at blocks of as many rows, and at whole words of null bitmaps. */
const CAPACITY_STEP = 64;

/** Parts begin at multiples of this. */
export const PART_ALIGNMENT = 64;

/**
 * A run of entries of equal width, one after another, that grows at its end: the ids of a column, say. It is a block
 * of the segment (see `encodings/`) and has a place in its layout. When it outgrows that, or entries become wider,
 * the segment makes a new layout (`layout.ts`), into which it moves.
 */
export class Part {
  /** Entries that there are. */
  count = 0;
  /** Where it begins, from the beginning of the layout's range. */
  offset = 0;
  /** Its bytes; those behind the entries mean nothing, or are zero where `isZeroed`. */
  bytes: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
  #width: EntryWidth;
  #capacity = 0;
  #needed = 0;
  #wider: { readonly width: EntryWidth; readonly convert: Conversion } | null = null;

  constructor(
    /** Of the block. */
    public name: string,
    width: EntryWidth,
    private readonly isZeroed = false,
  ) {
    this.#width = width;
  }

  get width(): EntryWidth {
    return this.#width;
  }

  /** Bytes of the entries. */
  get length(): number {
    return this.count * this.#width;
  }

  /** Asks for room for so many entries in all. */
  need(entries: number): void {
    this.#needed = Math.max(this.#needed, entries);
  }

  /** Asks for entries of another width. */
  widen(width: EntryWidth, convert: Conversion): void {
    this.#wider = { width, convert };
  }

  /** Takes back what was asked for. */
  forget(): void {
    this.#needed = this.count;
    this.#wider = null;
  }

  /** Whether it has what was asked for. */
  get fits(): boolean {
    return this.#wider === null && this.#needed <= this.#capacity;
  }

  /** Entries that it has room for in the next layout: twice those that are needed, or as many as now. */
  get nextCapacity(): number {
    const wanted = Math.max(FIRST_CAPACITY, 2 * Math.max(this.#needed, this.count));
    return Math.max(this.#capacity, Math.ceil(wanted / CAPACITY_STEP) * CAPACITY_STEP);
  }

  /** Bytes that it takes in the next layout. */
  get nextBytes(): number {
    return this.nextCapacity * (this.#wider?.width ?? this.#width);
  }

  /** Moves to another place; the old one stays as it is. */
  moveTo(offset: number, bytes: Uint8Array): void {
    const old = this.bytes.subarray(0, this.length);
    this.#capacity = this.nextCapacity;
    if (this.#wider === null) bytes.set(old);
    else {
      this.#width = this.#wider.width;
      this.#wider.convert(old, bytes);
      this.#wider = null;
    }
    if (this.isZeroed) bytes.fill(0, this.length);
    this.offset = offset;
    this.bytes = bytes;
  }

  u32(): Uint32Array {
    return new Uint32Array(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length / 4);
  }

  f32(): Float32Array {
    return new Float32Array(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length / 4);
  }

  f64(): Float64Array {
    return new Float64Array(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length / 8);
  }
}

/** Unsigned entries of 1, 2 or 4 bytes. */
export function entriesOf(
  bytes: Uint8Array,
  width: EntryWidth,
): Uint8Array | Uint16Array | Uint32Array {
  const { buffer, byteOffset, length } = bytes;
  if (width === 1) return bytes;
  if (width === 2) return new Uint16Array(buffer, byteOffset, length / 2);
  return new Uint32Array(buffer, byteOffset, length / 4);
}
