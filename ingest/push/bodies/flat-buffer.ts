/** Tables that one buffer may hold: offsets may share tables, so that few bytes can describe very many. */
const MAX_TABLES = 20_000;

/**
 * Reads a FlatBuffer without trusting it: every offset and length is checked before it is followed.
 * All methods throw an Error where something lies outside.
 *
 *     table   i32: distance back to its vtable; then its fields
 *     vtable  u16: its size; u16: size of the table; u16 per field: offset in the table, 0 when absent
 *     vector  u32: number of elements; the elements. Fields hold the distance (u32) to vectors and tables
 */
export class FlatBuffer {
  readonly #view: DataView;
  #tables = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get root(): FlatTable {
    return this.table(this.#follow(0));
  }

  table(at: number): FlatTable {
    if (++this.#tables > MAX_TABLES) throw new Error('its metadata are too many');
    const vtable = at - this.#view.getInt32(at, true);
    const vtableSize = this.#u16(vtable);
    const size = this.#u16(vtable + 2);
    this.#check(vtable, vtableSize);
    this.#check(at, size);
    const fieldAt = (field: number, width: number): number | null => {
      const entry = 4 + 2 * field;
      const offset = entry + 2 <= vtableSize ? this.#u16(vtable + entry) : 0;
      if (offset === 0) return null;
      if (offset < 4 || offset + width > size) throw outside();
      return at + offset;
    };
    return new FlatTable(this, fieldAt);
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  /** A count or an offset of 64 bits. */
  size(at: number): number {
    const value = Number(this.#view.getBigInt64(at, true));
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new Error(`its metadata hold the size ${value}`);
  }

  /** Where the element of the vector begins that the field at `at` points to, and how many there are. */
  vector(at: number, width: number): { readonly start: number; readonly count: number } {
    const vector = this.#follow(at);
    const count = this.#view.getUint32(vector, true);
    this.#check(vector + 4, count * width);
    return { start: vector + 4, count };
  }

  /** The table that the field or element at `at` points to. */
  tableFrom(at: number): FlatTable {
    return this.table(this.#follow(at));
  }

  #follow(at: number): number {
    return at + this.#view.getUint32(at, true);
  }

  #u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  #check(start: number, size: number): void {
    if (start < 0 || start + size > this.#view.byteLength) throw outside();
  }
}

/** A table of a buffer; fields are numbered as in their schema, and absent ones are null. */
export class FlatTable {
  constructor(
    private readonly buffer: FlatBuffer,
    private readonly fieldAt: (field: number, width: number) => number | null,
  ) {}

  u8(field: number): number {
    const at = this.fieldAt(field, 1);
    return at === null ? 0 : this.buffer.u8(at);
  }

  size(field: number): number {
    const at = this.fieldAt(field, 8);
    return at === null ? 0 : this.buffer.size(at);
  }

  table(field: number): FlatTable | null {
    const at = this.fieldAt(field, 4);
    return at === null ? null : this.buffer.tableFrom(at);
  }

  tables(field: number): FlatTable[] {
    const starts = this.#elements(field, 4);
    return starts.map((at) => this.buffer.tableFrom(at));
  }

  /** The vector lies inside. */
  checkVector(field: number, width: number): void {
    const at = this.fieldAt(field, 4);
    if (at !== null) this.buffer.vector(at, width);
  }

  /** The first size of each struct. */
  structs(field: number, width: number): number[] {
    return this.#elements(field, width).map((at) => this.buffer.size(at));
  }

  /** Pairs of sizes. */
  pairs(field: number): (readonly [number, number])[] {
    const starts = this.#elements(field, 16);
    return starts.map((at) => [this.buffer.size(at), this.buffer.size(at + 8)]);
  }

  #elements(field: number, width: number): number[] {
    const at = this.fieldAt(field, 4);
    if (at === null) return [];
    const { start, count } = this.buffer.vector(at, width);
    return Array.from({ length: count }, (_, i) => start + width * i);
  }
}

const outside = (): Error => new Error('its metadata point outside of it');
