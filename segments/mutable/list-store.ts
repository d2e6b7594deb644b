import { Part } from './part.js';

/** Distinct lists, each a run of ids of what is in them (see `encodings/string-list.ts` and `array-list.ts`). */
export class ListStore {
  /** (lists + 1) × u32. */
  readonly #offsets = new Part('lists.offsets', 4);
  readonly #items: Part;
  /** Lists that wait to be stored. */
  #newLists: (readonly number[])[] = [];

  /** `itemsName` is that of the block of ids. */
  constructor(itemsName: string) {
    this.#items = new Part(itemsName, 4);
  }

  get parts(): readonly Part[] {
    return [this.#offsets, this.#items];
  }

  /** Lists that are stored. */
  get lists(): number {
    return Math.max(0, this.#offsets.count - 1);
  }

  /** Items of all lists that are stored. */
  get items(): number {
    return this.#items.count;
  }

  /** Lists that are stored or wait. */
  get count(): number {
    return this.lists + this.#newLists.length;
  }

  /** Adds a list; its id. */
  add(ids: readonly number[]): number {
    return this.lists + this.#newLists.push(ids) - 1;
  }

  reserve(): void {
    this.#offsets.need(this.count + 1);
    this.#items.need(this.#newLists.reduce((sum, { length }) => sum + length, this.#items.count));
  }

  store(): void {
    const offsets = this.#offsets.u32();
    const items = this.#items.u32();
    let count = this.lists;
    offsets[0] = 0;
    let used = this.#items.count;
    for (const list of this.#newLists) {
      items.set(list, used);
      used += list.length;
      offsets[++count] = used;
    }
    this.#items.count = used;
    this.#offsets.count = count + 1;
    this.#newLists = [];
  }
}
