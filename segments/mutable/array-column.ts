import { InternalError } from '../../core/index.js';
import type { ArrayType, Scalar, Value } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { toList } from '../lists.js';
import { CodedColumn } from './coded-column.js';
import { elementIds } from './element-ids.js';
import { ListStore } from './list-store.js';

/** About what a list and its entry in a Map cost beside its elements. */
const LIST_HEAP_BYTES = 96;

/** An array column: a cell is a list, of elements that have ids of their own. List 0 is null. */
export class ArrayColumn extends CodedColumn {
  readonly #elements;
  readonly #lists = new ListStore('lists.items');
  readonly #listIds = new Map<string, number>();
  protected readonly dictionaries;
  #heapBytes = 0;

  constructor(
    name: string,
    private readonly type: ArrayType,
    role: ColumnEntry['role'],
  ) {
    super(name, role);
    this.#elements = elementIds(type);
    this.#lists.add([]);
    this.dictionaries = [this.#elements, this.#lists];
  }

  get heapBytes(): number {
    return this.#heapBytes + this.#elements.heapBytes;
  }

  protected get idCount(): number {
    return this.#lists.count;
  }

  protected idOf(cell: Value): number {
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

  protected describe(width: number) {
    const size = this.#elements.storedCount;
    const { lists, items } = this.#lists;
    const parameters = { size, width, lists, items, nullElement: 1, nullList: 1 };
    return { type: this.type, multiValue: false, encoding: 'array.list', parameters };
  }
}
