import { InternalError } from '../../core/index.js';
import {
  type ArrayType,
  type ColumnReader,
  memoised,
  type RowCursor,
  type Scalar,
  type Value,
} from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { toList } from '../lists.js';
import {
  blocksOf,
  isColumnReader,
  type MutableColumn,
  positionOf,
  type RowOrder,
  type RowValue,
} from './column.js';
import { elementIds } from './element-ids.js';
import { ListStore } from './list-store.js';
import type { Part } from './part.js';
import { pickedIds, RowIds } from './row-ids.js';

/** About what a list and its entry in a Map cost beside its elements. */
const LIST_HEAP_BYTES = 96;

/** An array column: growing dictionaries of elements and of lists, in order of arrival, and the id of a list per row. List 0 is null. */
export class ArrayColumn implements MutableColumn {
  readonly keyWords = 1;
  readonly knownCells: (Value | undefined)[] = [null];
  readonly #ids = new RowIds();
  readonly #elements;
  readonly #lists = new ListStore('lists.items');
  readonly #listIds = new Map<string, number>();
  #staged = new Uint32Array(0);
  #hasNulls = false;
  #heapBytes = 0;

  constructor(
    readonly name: string,
    private readonly type: ArrayType,
    private readonly role: ColumnEntry['role'],
  ) {
    this.#elements = elementIds(type);
    this.#lists.add([]);
  }

  get heapBytes(): number {
    return this.#heapBytes + this.#elements.heapBytes;
  }

  get parts(): readonly Part[] {
    return [this.#ids.part, ...this.#elements.parts, ...this.#lists.parts];
  }

  stage(source: RowValue, rows: RowCursor, order: RowOrder, count: number): void {
    const staged = new Uint32Array(count);
    const next = this.#idReader(source);
    for (let i = 0; i < count; i++) {
      rows.row = positionOf(order, i);
      staged[i] = next();
    }
    this.#staged = staged;
  }

  writeKeys(keys: Uint32Array, stride: number, at: number): void {
    const staged = this.#staged;
    for (let i = 0; i < staged.length; i++) keys[at + i * stride] = staged[i]!;
  }

  reserve(rowCount: number): void {
    this.#ids.reserve(rowCount, this.#lists.count);
    this.#elements.reserve();
    this.#lists.reserve();
  }

  store(picks: Uint32Array | null, firstRow: number): void {
    this.#elements.store();
    this.#lists.store();
    const ids = pickedIds(this.#staged, picks);
    this.#ids.store(ids, firstRow);
    this.#hasNulls ||= ids.includes(0);
    this.#staged = new Uint32Array(0);
  }

  entry(): ColumnEntry {
    const { name, type, role, parts } = this;
    const blocks = blocksOf(parts);
    const { lists, items } = this.#lists;
    return {
      name,
      type,
      role,
      multiValue: false,
      encoding: 'array.list',
      parameters: {
        size: this.#elements.count,
        width: this.#ids.width,
        order: 'arrival',
        lists,
        items,
        nullElement: 1,
        nullList: 1,
      },
      aggregator: null,
      blocks,
      indexes: [],
      stats: {
        cardinality: null,
        min: null,
        max: null,
        hasNulls: this.#hasNulls,
        sizeBytes: blocks.reduce((sum, { length }) => sum + length, 0),
      },
    };
  }

  /** The list id of the current row; looked up once per distinct value where the source has a dictionary. */
  #idReader(source: RowValue): () => number {
    if (isColumnReader(source)) return memoised(source as ColumnReader, (cell) => this.#idOf(cell));
    return () => this.#idOf(source.get());
  }

  #idOf(cell: Value): number {
    if (cell === null) return 0;
    if (!Array.isArray(cell)) {
      throw new InternalError(`${this.type} column ${this.name} was given ${typeof cell}`);
    }
    const items = toList(cell as readonly Scalar[], this.type).map((element) =>
      element === null ? 0 : this.#elements.idOf(element),
    );
    const key = items.join();
    const known = this.#listIds.get(key);
    if (known !== undefined) return known;
    const id = this.#lists.add(items);
    this.#listIds.set(key, id);
    this.#heapBytes += LIST_HEAP_BYTES + 16 * items.length;
    return id;
  }
}
