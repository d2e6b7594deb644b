import { compareText, utf8Encode } from '../../core/index.js';
import { type ColumnReader, memoised, type RowCursor, type Value } from '../../model/index.js';
import { type Cell, elementsOf, toCell, wellFormed } from '../cells.js';
import type { MultiValueHandling } from '../schema.js';
import type { ColumnDescription } from '../types.js';
import type { ArenaStore } from './arena-store.js';
import { ByteHeap } from './byte-heap.js';
import { CHUNK_MASK, CHUNK_ROWS, CHUNK_SHIFT, Chunks, idsAt } from './chunks.js';
import { type MutableColumn, positionOf, type RowOrder, type RowValue } from './column.js';
import type { MutableColumnHandle } from './handle.js';

/** About what a string and its entries in a Map and an array cost beside its characters. */
const ENTRY_HEAP_BYTES = 96;

/**
 * A string column: a growing dictionary in order of arrival, and a u32 id per row. Id 0 is null,
 * whether there is one or not. As long as no list has come, a cell is a text; the first list makes
 * a second dictionary, in which earlier ids keep their meaning.
 */
export class StringColumn implements MutableColumn {
  readonly keyWords = 1;
  readonly knownCells: (Cell | undefined)[] = [null];
  readonly #ids: Chunks<Uint32Array>;
  readonly #texts: ByteHeap;
  readonly #textIds = new Map<string | null, number>([[null, 0]]);
  #cellIds = this.#textIds;
  #lists: ByteHeap | null = null;
  readonly #listIds = new Map<string, number>();
  #min: string | null = null;
  #max: string | null = null;
  #hasNulls = false;
  #heapBytes = 0;
  #textBytes = 0;

  constructor(
    readonly name: string,
    private readonly role: ColumnDescription['role'],
    private readonly handling: MultiValueHandling,
    private readonly store: ArenaStore,
  ) {
    this.#ids = new Chunks(store, 4, idsAt);
    this.#texts = new ByteHeap(store);
    this.#texts.set(0, null);
  }

  get heapBytes(): number {
    return this.#heapBytes;
  }

  ensure(rowCount: number): void {
    this.#ids.ensure(rowCount);
  }

  write(row: number, value: Value): void {
    this.#writeId(row, this.#idOf(value));
  }

  writeRows(
    source: RowValue,
    rows: RowCursor,
    order: RowOrder,
    count: number,
    firstRow: number,
  ): void {
    const next = this.#idReader(source);
    for (let i = 0; i < count; i++) {
      rows.row = positionOf(order, i);
      this.#writeId(firstRow + i, next());
    }
  }

  writeKeys(
    source: RowValue,
    rows: RowCursor,
    order: RowOrder,
    count: number,
    keys: Uint32Array,
    stride: number,
    at: number,
  ): void {
    const next = this.#idReader(source);
    for (let i = 0; i < count; i++) {
      rows.row = positionOf(order, i);
      keys[at + i * stride] = next();
    }
  }

  handle(): MutableColumnHandle {
    return {
      description: {
        name: this.name,
        type: 'STRING',
        multiValue: this.#lists !== null,
        role: this.role,
        stats: {
          cardinality: this.#textIds.size - (this.#hasNulls ? 0 : 1),
          min: this.#min,
          max: this.#max,
          hasNulls: this.#hasNulls,
          sizeBytes: this.#textBytes + 4 * CHUNK_ROWS * this.#ids.places.length,
        },
      },
      chunks: this.#ids.places.slice(),
      nulls: [],
      heap: this.#texts.handle(),
      lists: this.#lists?.handle() ?? null,
      cellCount: this.knownCells.length,
    };
  }

  #writeId(row: number, id: number): void {
    if (id === 0) this.#hasNulls = true;
    this.#ids.views[row >>> CHUNK_SHIFT]![row & CHUNK_MASK] = id;
  }

  /** The cell id of the current row; looked up once per distinct value where the source has a dictionary. */
  #idReader(source: RowValue): () => number {
    if (isColumnReader(source)) return memoised(source, (value) => this.#idOf(value));
    return () => this.#idOf(source.get());
  }

  #idOf(value: Value): number {
    if (typeof value === 'string' || value === null) {
      return this.#cellIds.get(value) ?? this.#newTextCell(value!);
    }
    const cell = toCell(value, this.handling);
    return Array.isArray(cell) ? this.#listId(cell) : this.#idOf(cell);
  }

  #newTextCell(raw: string): number {
    const text = wellFormed(raw);
    if (text !== raw) return this.#idOf(text);
    const textId = this.#textId(text);
    if (this.#lists === null) return textId;
    const id = this.#newCell(text, [textId]);
    this.#cellIds.set(text, id);
    return id;
  }

  /** The id of an element, which is also that of its cell while there are no lists. */
  #textId(text: string | null): number {
    const known = this.#textIds.get(text);
    if (known !== undefined || text === null) return known ?? 0;
    const id = this.#textIds.size;
    const bytes = utf8Encode(text);
    this.#texts.set(id, bytes);
    this.#textBytes += bytes.length;
    this.#textIds.set(text, id);
    if (this.#lists === null) this.knownCells.push(text);
    this.#heapBytes += ENTRY_HEAP_BYTES + 2 * text.length;
    if (this.#min === null || compareText(text, this.#min) < 0) this.#min = text;
    if (this.#max === null || compareText(text, this.#max) > 0) this.#max = text;
    return id;
  }

  #listId(list: readonly (string | null)[]): number {
    if (this.#lists === null) this.#startLists();
    const textIds = list.map((text) => this.#textId(text));
    const key = textIds.join();
    const known = this.#listIds.get(key);
    if (known !== undefined) return known;
    if (textIds.includes(0)) this.#hasNulls = true;
    const id = this.#newCell(list, textIds);
    this.#listIds.set(key, id);
    this.#heapBytes += ENTRY_HEAP_BYTES + 16 * textIds.length;
    return id;
  }

  #newCell(cell: Cell, textIds: readonly number[]): number {
    const id = this.knownCells.length;
    this.#lists?.set(id, new Uint8Array(Uint32Array.from(textIds).buffer));
    this.knownCells.push(cell);
    return id;
  }

  /** From now on cells and texts are numbered apart; the texts so far are the first cells. */
  #startLists(): void {
    this.#cellIds = new Map(this.#textIds);
    const lists = new ByteHeap(this.store);
    for (const [id, cell] of this.knownCells.entries()) {
      const textIds = elementsOf(cell ?? null).length === 0 ? [] : [id];
      lists.set(id, new Uint8Array(Uint32Array.from(textIds).buffer));
    }
    this.#lists = lists;
  }
}

const isColumnReader = (source: RowValue): source is ColumnReader => 'exists' in source;
