import type { RowCursor, TextRun, Value, VectorDictionary } from '../../model/index.js';
import { toCell } from '../cells.js';
import type { ColumnEntry } from '../format/directory.js';
import type { MultiValueHandling } from '../schema.js';
import { CodedColumn } from './coded-column.js';
import { isColumnReader, type RowOrder, type RowValue } from './column.js';
import { ListStore } from './list-store.js';
import { TextIds } from './text-ids.js';
import { TranslatedIds } from './translated-ids.js';

/** About what a string and its entries in a Map and an array cost beside its characters. */
const ENTRY_HEAP_BYTES = 96;

/**
 * A string column. As long as no list has come, a cell is a text; the first list makes a second dictionary, in which earlier
 * ids keep their meaning.
 */
export class StringColumn extends CodedColumn {
  readonly #texts = new TextIds();
  /** Cells that came as strings. */
  readonly #cellIds = new Map<string | null, number>([[null, 0]]);
  /** Where there are lists: the cell by the id of its text. */
  readonly #cellOfText: (number | undefined)[] = [];
  protected idCount = 1;
  #lists: ListStore | null = null;
  readonly #listIds = new Map<string, number>();
  readonly #translated = new WeakMap<VectorDictionary, TranslatedIds>();
  #heapBytes = 0;

  constructor(
    name: string,
    role: ColumnEntry['role'],
    private readonly handling: MultiValueHandling,
  ) {
    super(name, role);
  }

  get heapBytes(): number {
    return this.#heapBytes + this.#texts.heapBytes;
  }

  protected get dictionaries() {
    return this.#lists === null ? [this.#texts] : [this.#texts, this.#lists];
  }

  protected override stageIds(
    source: RowValue,
    rows: RowCursor,
    order: RowOrder,
    staged: Uint32Array,
  ): void {
    const vector = isColumnReader(source) ? source.vector : undefined;
    if (vector?.kind !== 'ids') super.stageIds(source, rows, order, staged);
    else this.#translation(vector.dictionary).translate(vector.ids, order, staged);
  }

  protected idOf(value: Value): number {
    if (typeof value === 'string' || value === null) {
      return this.#cellIds.get(value) ?? this.#newTextCell(value!);
    }
    const cell = toCell(value, this.handling);
    return Array.isArray(cell) ? this.#listId(cell) : this.idOf(cell);
  }

  protected describe(width: number) {
    const { storedCount: size, min, max } = this.#texts;
    // The first lists may still wait: then all cells that readers see are texts.
    const lists = this.#lists === null || this.#lists.lists === 0 ? null : this.#lists;
    return {
      type: 'STRING',
      multiValue: lists !== null,
      encoding: lists === null ? 'string.dictionary' : 'string.list',
      parameters: { size, width, ...(lists === null ? {} : listParameters(lists)) },
      cardinality: size - (this.hasNulls ? 0 : 1),
      min,
      max,
    } as const;
  }

  #translation(dictionary: VectorDictionary): TranslatedIds {
    let translated = this.#translated.get(dictionary);
    if (translated === undefined) {
      translated = new TranslatedIds(this.#finder(dictionary));
      this.#translated.set(dictionary, translated);
    }
    translated.grow(dictionary.size);
    return translated;
  }

  /** Finds the cell ids of ids of the dictionary: by their bytes where those are at hand. */
  #finder(dictionary: VectorDictionary): (ids: Uint32Array, found: Uint32Array) => void {
    if (dictionary.runOf === undefined) {
      return (ids, found) => {
        for (let i = 0; i < ids.length; i++) found[i] = this.idOf(dictionary.value(ids[i]!));
      };
    }
    return (ids, found) => {
      for (let at = 0; at < ids.length; ) {
        const run = dictionary.runOf!(ids[at]!);
        const end = endOfRun(run, ids, at);
        this.#findTexts(dictionary, run, ids.subarray(at, end), found.subarray(at, end));
        at = end;
      }
    };
  }

  /** The cell ids of texts of the run. */
  #findTexts(
    dictionary: VectorDictionary,
    run: TextRun,
    ids: Uint32Array,
    found: Uint32Array,
  ): void {
    if (dictionary.areDistinct === true) this.#texts.idsOfNew(dictionary, run, ids, found);
    else this.#texts.idsOfRun(run, ids, found);
    if (this.#lists === null) this.idCount = this.#texts.count;
    else for (let i = 0; i < found.length; i++) found[i] = this.#textCell(found[i]!);
  }

  #newTextCell(text: string): number {
    const id = this.#textCell(this.#texts.idOf(text));
    this.#cellIds.set(text, id);
    this.#heapBytes += ENTRY_HEAP_BYTES + 2 * text.length;
    return id;
  }

  /** The cell that is the text of this id. */
  #textCell(textId: number): number {
    if (this.#lists === null) {
      this.idCount = this.#texts.count;
      return textId;
    }
    const known = this.#cellOfText[textId];
    if (known !== undefined) return known;
    const id = this.#newCell(this.#lists, [textId]);
    this.#cellOfText[textId] = id;
    return id;
  }

  #listId(list: readonly (string | null)[]): number {
    this.#lists ??= this.#startLists();
    const textIds = list.map((text) => (text === null ? 0 : this.#texts.idOf(text)));
    const key = textIds.join();
    const known = this.#listIds.get(key);
    if (known !== undefined) return known;
    if (textIds.includes(0)) this.hasNulls = true;
    const id = this.#newCell(this.#lists, textIds);
    this.#listIds.set(key, id);
    this.#heapBytes += ENTRY_HEAP_BYTES + 16 * textIds.length;
    return id;
  }

  #newCell(lists: ListStore, textIds: readonly number[]): number {
    lists.add(textIds);
    return this.idCount++;
  }

  /** From now on cells and texts are numbered apart; the texts so far are the first cells. */
  #startLists(): ListStore {
    const lists = new ListStore('lists.texts');
    for (let id = 0; id < this.idCount; id++) {
      lists.add(id === 0 ? [] : [id]);
      this.#cellOfText[id] = id;
    }
    return lists;
  }
}

const listParameters = ({ lists, items }: ListStore) => ({ lists, elements: items, nullText: 1 });

/** Where, from `at` on, the first id stands that is not of the run. */
function endOfRun({ firstId, starts }: TextRun, ids: Uint32Array, at: number): number {
  const endId = firstId + starts.length - 1;
  let end = at;
  while (end < ids.length && ids[end]! >= firstId && ids[end]! < endId) end++;
  return end;
}
