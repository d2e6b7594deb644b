import { type JsonObject, Room, utf8Decode, utf8Encode } from '../../../core/index.js';
import { BYTES, COUNT, IDS, IS_TIME, Kernel, REPEATS, STARTS, TAGS, WORDS } from './kernel.js';
import { ABSENT, DOUBLE, FALSE_ID, LONG, NULL, OTHER, TEXT, TIME, TRUE_ID, WIDE } from './tags.js';
import { TextDictionary } from './text-dictionary.js';
import { OTHERS_ALWAYS_THERE, TokenColumn } from './token-column.js';

/** A dictionary beyond one of them is left behind with its batch. */
const MAX_TEXTS = 400_000;
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** And one with so many texts when most of a batch are new: it is of little use, and slower than a small one. */
const MANY_TEXTS = 28_000;

/** A kernel with more memory is left behind with its batch. */
const MAX_KERNEL_BYTES = 192 * 1024 * 1024;

/** Longer names and texts are not for the kernel. */
const SCRATCH_BYTES = 64 * 1024;

/** Halves of surrogate pairs: UTF-8 does not have them. */
const SURROGATE = /\p{Surrogate}/u;

interface Field {
  readonly name: string;
  /** Its record in the kernel. */
  readonly pointer: number;
  dictionary: TextDictionary;
  /** The batch's values of no other kind. */
  others: unknown[];
  /** Whether a record that was added to the batch has it. */
  isAdded: boolean;
  /** For columns that end with the next one. */
  readonly rooms: { readonly ids: Room; readonly words: Room; readonly made: Room };
}

/** Of columns: `own` for good, or until the next batch is taken, for less garbage. */
export type Lifetime = 'own' | 'until next';

/** A column, or the values of a field that the kernel cannot have. */
export type ReadColumn = TokenColumn | readonly unknown[];

/** A column of a batch with the row in which it begins. */
interface Found {
  readonly name: string;
  readonly column: ReadColumn;
  readonly firstRow: number;
}

/** The fields that were met so far and the columns of the batch, in a kernel's memory. */
export class FieldTable {
  readonly kernel = new Kernel();
  /** Where blocks of lines go. */
  readonly block: number;
  /** Two u32 per row: where its line begins and ends, from `block`. */
  readonly lines: number;
  readonly #scratch: number;
  readonly #fields: Field[] = [];
  readonly #byName = new Map<string, Field>();
  /** Values of fields that the kernel does not have, from row 0. */
  #others = new Map<string, unknown[]>();
  /** Keys of added records that have a field which no added record of the batch had before. */
  readonly #keys = new Map<number, readonly string[]>();
  /** By tag: an array of nothing else. */
  readonly #uniformTags = new Map<number, Uint8Array>();
  #isFull = false;

  constructor(
    private timeColumn: string | null,
    private readonly batchRows: number,
    private readonly blockBytes: number,
    private readonly lifetime: Lifetime,
  ) {
    const { exports } = this.kernel;
    this.block = exports.allocate(blockBytes);
    this.lines = exports.allocate(8 * batchRows);
    this.#scratch = exports.allocate(SCRATCH_BYTES);
  }

  /** This table, or an empty one in its place when it holds too much. The batch must be taken. */
  renewed(): FieldTable {
    const isLarge = this.kernel.exports.memoryBytes() > MAX_KERNEL_BYTES;
    if (!isLarge && !this.#isFull) return this;
    return new FieldTable(this.timeColumn, this.batchRows, this.blockBytes, this.lifetime);
  }

  /** The batch must be empty. */
  setTimeColumn(name: string | null): void {
    if (name === this.timeColumn) return;
    this.timeColumn = name;
    const { words } = this.kernel;
    for (const field of this.#fields) {
      words[field.pointer / 4 + IS_TIME] = field.name === name ? 1 : 0;
    }
  }

  /** Makes a field of a plain name; false when the kernel cannot have it. */
  learn(nameBytes: Uint8Array): boolean {
    const name = utf8Decode(nameBytes);
    // Bytes that are no UTF-8 would stand for a name that others stand for too.
    if (Buffer.compare(utf8Encode(name), nameBytes) !== 0) return false;
    return this.#newField(name, nameBytes) !== null;
  }

  /** Adds a record as a row. */
  add(record: JsonObject, row: number): void {
    let isFirst = false;
    for (const name in record) {
      const value = record[name];
      const field = this.#byName.get(name) ?? this.#newField(name, utf8Encode(name));
      if (field === null) isFirst = this.#addOther(name, row, value) || isFirst;
      else {
        this.#put(field, row, value);
        isFirst ||= !field.isAdded;
        field.isAdded = true;
      }
    }
    if (isFirst) this.#keys.set(row, Object.keys(record));
  }

  /**
   * The columns of the batch in the order in which their fields appeared; then it is empty. `keysOf` gives
   * the keys of a record that the kernel read.
   */
  take(rowCount: number, keysOf: (row: number) => readonly string[]): Map<string, ReadColumn> {
    const found: Found[] = [];
    for (const field of this.#fields) {
      const column = this.#takeColumn(field, rowCount);
      if (column === null) continue;
      const firstRow = column.tags.findIndex((tag) => tag !== ABSENT);
      found.push({ name: field.name, column, firstRow });
    }
    for (const [name, values] of this.#others) {
      while (values.length < rowCount) values.push(undefined);
      const firstRow = values.findIndex((value) => value !== undefined);
      found.push({ name, column: values, firstRow });
    }
    const ordered = inOrder(found, (row) => this.#keys.get(row) ?? keysOf(row));
    this.#others = new Map();
    this.#keys.clear();
    return new Map(ordered.map(({ name, column }) => [name, column]));
  }

  #newField(name: string, nameBytes: Uint8Array): Field | null {
    if (nameBytes.length > SCRATCH_BYTES || !isPlain(name)) return null;
    const { exports, bytes } = this.kernel;
    bytes.set(nameBytes, this.#scratch);
    const isTime = name === this.timeColumn ? 1 : 0;
    const pointer = exports.addField(this.#scratch, nameBytes.length, isTime, this.batchRows);
    if (pointer === 0) {
      this.#isFull = true;
      return null;
    }
    const dictionary = new TextDictionary();
    const others = [...OTHERS_ALWAYS_THERE];
    const rooms = { ids: new Room(), words: new Room(), made: new Room() };
    const field: Field = { name, pointer, dictionary, others, isAdded: false, rooms };
    this.#fields.push(field);
    this.#byName.set(name, field);
    return field;
  }

  /** True for the first value of the field in the batch. */
  #addOther(name: string, row: number, value: unknown): boolean {
    let values = this.#others.get(name);
    const isFirst = values === undefined;
    if (values === undefined) {
      values = [];
      this.#others.set(name, values);
    }
    while (values.length < row) values.push(undefined);
    values[row] = value;
    return isFirst;
  }

  #put(field: Field, row: number, value: unknown): void {
    if (value === null) this.#store(field, row, NULL, 0, 0);
    else if (typeof value === 'string') this.#putText(field, row, value);
    else if (typeof value === 'number') {
      this.#store(field, row, Number.isSafeInteger(value) ? LONG : DOUBLE, 0, value);
    } else if (typeof value === 'boolean') {
      this.#store(field, row, OTHER, value ? TRUE_ID : FALSE_ID, 0);
    } else if (typeof value === 'bigint') {
      this.#store(field, row, WIDE, 0, 0);
      const { bytes, words } = this.kernel;
      new DataView(bytes.buffer).setBigInt64(
        words[field.pointer / 4 + WORDS]! + 8 * row,
        value,
        true,
      );
    } else this.#store(field, row, OTHER, field.others.push(value) - 1, 0);
  }

  #putText(field: Field, row: number, text: string): void {
    const bytes = SURROGATE.test(text) ? null : utf8Encode(text);
    if (bytes === null || bytes.length > SCRATCH_BYTES) {
      this.#store(field, row, OTHER, field.others.push(text) - 1, 0);
      return;
    }
    this.kernel.bytes.set(bytes, this.#scratch);
    const id = this.kernel.exports.internText(field.pointer, this.#scratch, bytes.length);
    this.#store(field, row, TEXT, id, 0);
  }

  #store({ pointer }: Field, row: number, tag: number, id: number, double: number): void {
    const { bytes, words } = this.kernel;
    const at = pointer / 4;
    bytes[words[at + TAGS]! + row] = tag;
    words[words[at + IDS]! / 4 + row] = id;
    new Float64Array(bytes.buffer, words[at + WORDS]! + 8 * row, 1)[0] = double;
  }

  /** The field's column, and an empty one in its place; null when all of it is absent. */
  #takeColumn(field: Field, rowCount: number): TokenColumn | null {
    const { exports } = this.kernel;
    const mask = exports.tagsOf(field.pointer, rowCount);
    if ((mask & ~ABSENT) === 0) return null;
    if ((mask & TEXT) !== 0) exports.resolveTexts(field.pointer, rowCount);
    const { words } = this.kernel;
    const at = field.pointer / 4;
    const ids = (mask & (TEXT | OTHER | TIME)) === 0 ? 0 : rowCount;
    const numbers = (mask & (LONG | WIDE | DOUBLE | TIME)) === 0 ? 0 : rowCount;
    const column = new TokenColumn(mask, {
      tags: this.#tagsAt(words[at + TAGS]!, mask, rowCount),
      ids: this.#copy(field.rooms.ids, words[at + IDS]! / 4, ids),
      words: this.#copy(field.rooms.words, words[at + WORDS]! / 4, 2 * numbers),
      dictionary: this.#takeTexts(field, rowCount),
      others: field.others,
      ...(this.lifetime === 'own' ? {} : { room: field.rooms.made }),
    });
    exports.clearColumn(field.pointer, rowCount);
    if (field.others.length > OTHERS_ALWAYS_THERE.length) field.others = [...OTHERS_ALWAYS_THERE];
    field.isAdded = false;
    return column;
  }

  /** A copy of so many words from `at` on. */
  #copy(room: Room, at: number, count: number): Uint32Array<ArrayBuffer> {
    const source = this.kernel.words;
    if (this.lifetime === 'own') return source.slice(at, at + count);
    const copy = room.words(count);
    copy.set(source.subarray(at, at + count));
    return copy;
  }

  /** A copy of the tags; one array for all columns of one tag. */
  #tagsAt(pointer: number, mask: number, rowCount: number): Uint8Array {
    if ((mask & (mask - 1)) !== 0) return this.kernel.bytes.slice(pointer, pointer + rowCount);
    const known = this.#uniformTags.get(mask);
    if (known !== undefined) return known.subarray(0, rowCount);
    const tags = new Uint8Array(this.batchRows).fill(mask);
    this.#uniformTags.set(mask, tags);
    return tags.subarray(0, rowCount);
  }

  /** The field's dictionary with the texts that are new; a new one begins when it is large. */
  #takeTexts(field: Field, rowCount: number): TextDictionary {
    const { dictionary } = field;
    const { exports, bytes, words } = this.kernel;
    const at = field.pointer / 4;
    const known = dictionary.size - 1;
    const count = words[at + COUNT]!;
    if (count > known) {
      const first = words[at + STARTS]! / 4;
      const starts = words.slice(first + known, first + count + 1);
      const begin = words[at + BYTES]!;
      dictionary.add(bytes.slice(begin + starts[0]!, begin + starts[starts.length - 1]!), starts);
    }
    dictionary.areDistinct = words[at + REPEATS] === 0;
    const isFull = dictionary.size > MAX_TEXTS || dictionary.sizeBytes > MAX_TEXT_BYTES;
    const isOfUse = dictionary.size < MANY_TEXTS || 2 * (count - known) < rowCount;
    if (isFull || !isOfUse) {
      exports.emptyDictionary(field.pointer);
      field.dictionary = new TextDictionary();
    }
    return dictionary;
  }
}

/** Whether JSON writes the name as it is, in UTF-8. */
const isPlain = (name: string): boolean =>
  JSON.stringify(name).length === name.length + 2 && !SURROGATE.test(name);

/** By first row; in one row by its keys. */
function inOrder(found: readonly Found[], keysOf: (row: number) => readonly string[]): Found[] {
  const rows = new Map<number, Found[]>();
  for (const each of found) {
    const others = rows.get(each.firstRow);
    if (others === undefined) rows.set(each.firstRow, [each]);
    else others.push(each);
  }
  const inRows = [...rows].sort(([a], [b]) => a - b);
  return inRows.flatMap(([row, columns]) => {
    if (columns.length === 1) return columns;
    const positions = new Map(keysOf(row).map((key, i) => [key, i]));
    return columns.sort((a, b) => positions.get(a.name)! - positions.get(b.name)!);
  });
}
