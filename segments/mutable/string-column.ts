import { compareText, utf8Encode } from '../../core/index.js';
import {
  type ColumnReader,
  memoised,
  type RowCursor,
  type Value,
  type VectorDictionary,
} from '../../model/index.js';
import { type Cell, toCell, wellFormed } from '../cells.js';
import { widthFor } from '../encodings/checks.js';
import type { ColumnEntry } from '../format/directory.js';
import type { MultiValueHandling } from '../schema.js';
import { ByteStrings } from './byte-strings.js';
import {
  blocksOf,
  type MutableColumn,
  positionOf,
  type RowOrder,
  type RowValue,
} from './column.js';
import { ListStore } from './list-store.js';
import { type EntryWidth, entriesOf, Part } from './part.js';
import { TranslatedIds } from './translated-ids.js';

/** About what a string and its entries in a Map and an array cost beside its characters. */
const ENTRY_HEAP_BYTES = 96;

const NO_BYTES = new Uint8Array(0);

/**
 * A string column: a growing dictionary in order of arrival, and an id per row, as wide as the dictionary needs. Id 0 is
 * null, whether there is one or not. As long as no list has come, a cell is a text; the first list makes a second
 * dictionary, in which earlier ids keep their meaning.
 */
export class StringColumn implements MutableColumn {
  readonly keyWords = 1;
  readonly knownCells: (Cell | undefined)[] = [null];
  readonly #ids = new Part('ids', 1);
  readonly #texts = new ByteStrings('dictionary.bytes', 'dictionary.offsets');
  /** Texts that have an id, and wait to be stored. */
  #newTexts: Uint8Array[] = [NO_BYTES];
  readonly #textIds = new Map<string | null, number>([[null, 0]]);
  #cellIds = this.#textIds;
  #lists: ListStore | null = null;
  readonly #listIds = new Map<string, number>();
  readonly #translated = new WeakMap<VectorDictionary, TranslatedIds>();
  #staged = new Uint32Array(0);
  #min: string | null = null;
  #max: string | null = null;
  #hasNulls = false;
  #heapBytes = 0;

  constructor(
    readonly name: string,
    private readonly role: ColumnEntry['role'],
    private readonly handling: MultiValueHandling,
  ) {}

  get heapBytes(): number {
    return this.#heapBytes;
  }

  get parts(): readonly Part[] {
    const { bytes, offsets } = this.#texts;
    return [this.#ids, bytes, offsets, ...(this.#lists?.parts ?? [])];
  }

  stage(source: RowValue, rows: RowCursor, order: RowOrder, count: number): void {
    const staged = new Uint32Array(count);
    const vector = isColumnReader(source) ? source.vector : undefined;
    if (vector?.kind === 'ids') {
      this.#translation(vector.dictionary).translate(vector.ids, order, staged);
    } else {
      const next = this.#idReader(source);
      for (let i = 0; i < count; i++) {
        rows.row = positionOf(order, i);
        staged[i] = next();
      }
    }
    this.#staged = staged;
  }

  writeKeys(keys: Uint32Array, stride: number, at: number): void {
    const staged = this.#staged;
    for (let i = 0; i < staged.length; i++) keys[at + i * stride] = staged[i]!;
  }

  reserve(rowCount: number): void {
    this.#ids.need(rowCount);
    const width = widthFor(this.knownCells.length - 1);
    if (width > this.#ids.width) this.#ids.widen(width, converter(this.#ids.width, width));
    this.#texts.reserve(this.#newTexts);
    this.#lists?.reserve();
  }

  store(picks: Uint32Array | null, firstRow: number): void {
    this.#texts.store(this.#newTexts);
    this.#newTexts = [];
    this.#lists?.store();
    const staged = picks === null ? this.#staged : picks.map((i) => this.#staged[i]!);
    entriesOf(this.#ids.bytes, this.#ids.width).set(staged, firstRow);
    this.#ids.count = firstRow + staged.length;
    this.#hasNulls ||= staged.includes(0);
    this.#staged = new Uint32Array(0);
  }

  entry(): ColumnEntry {
    const { name, role, parts } = this;
    const blocks = blocksOf(parts);
    const size = this.#texts.count;
    const { width } = this.#ids;
    const lists = this.#lists;
    return {
      name,
      type: 'STRING',
      role,
      multiValue: lists !== null,
      encoding: lists === null ? 'string.dictionary' : 'string.list',
      parameters: { size, width, order: 'arrival', ...lists?.parameters },
      aggregator: null,
      blocks,
      stats: {
        cardinality: size - (this.#hasNulls ? 0 : 1),
        min: this.#min,
        max: this.#max,
        hasNulls: this.#hasNulls,
        sizeBytes: blocks.reduce((sum, { length }) => sum + length, 0),
      },
    };
  }

  /** The cell id of the current row; looked up once per distinct value where the source has a dictionary. */
  #idReader(source: RowValue): () => number {
    if (isColumnReader(source)) return memoised(source, (value) => this.#idOf(value));
    return () => this.#idOf(source.get());
  }

  #translation(dictionary: VectorDictionary): TranslatedIds {
    let translated = this.#translated.get(dictionary);
    if (translated === undefined) {
      translated = new TranslatedIds((id) => this.#idOf(dictionary.value(id)));
      this.#translated.set(dictionary, translated);
    }
    translated.grow(dictionary.size);
    return translated;
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
    const id = this.#newCell(this.#lists, text, [textId]);
    this.#cellIds.set(text, id);
    return id;
  }

  /** The id of an element, which is also that of its cell while there are no lists. */
  #textId(text: string | null): number {
    const known = this.#textIds.get(text);
    if (known !== undefined || text === null) return known ?? 0;
    const id = this.#textIds.size;
    this.#newTexts.push(utf8Encode(text));
    this.#textIds.set(text, id);
    if (this.#lists === null) this.knownCells.push(text);
    this.#heapBytes += ENTRY_HEAP_BYTES + 2 * text.length;
    if (this.#min === null || compareText(text, this.#min) < 0) this.#min = text;
    if (this.#max === null || compareText(text, this.#max) > 0) this.#max = text;
    return id;
  }

  #listId(list: readonly (string | null)[]): number {
    this.#lists ??= this.#startLists();
    const textIds = list.map((text) => this.#textId(text));
    const key = textIds.join();
    const known = this.#listIds.get(key);
    if (known !== undefined) return known;
    if (textIds.includes(0)) this.#hasNulls = true;
    const id = this.#newCell(this.#lists, list, textIds);
    this.#listIds.set(key, id);
    this.#heapBytes += ENTRY_HEAP_BYTES + 16 * textIds.length;
    return id;
  }

  #newCell(lists: ListStore, cell: Cell, textIds: readonly number[]): number {
    lists.add(textIds);
    return this.knownCells.push(cell) - 1;
  }

  /** From now on cells and texts are numbered apart; the texts so far are the first cells. */
  #startLists(): ListStore {
    this.#cellIds = new Map(this.#textIds);
    const lists = new ListStore();
    for (let id = 0; id < this.knownCells.length; id++) lists.add(id === 0 ? [] : [id]);
    return lists;
  }
}

const isColumnReader = (source: RowValue): source is ColumnReader => 'exists' in source;

const converter =
  (from: EntryWidth, to: EntryWidth) =>
  (old: Uint8Array, wider: Uint8Array): void =>
    entriesOf(wider, to).set(entriesOf(old, from));
