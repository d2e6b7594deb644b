import { Part } from './part.js';

/** The distinct lists of a multi-value column, each a run of ids of texts (see `encodings/string-list.ts`). */
export class ListStore {
  /** (lists + 1) × u32. */
  readonly #offsets = new Part('lists.offsets', 4);
  readonly #texts = new Part('lists.texts', 4);
  /** Lists that wait to be stored. */
  #newLists: (readonly number[])[] = [];

  get parts(): readonly Part[] {
    return [this.#offsets, this.#texts];
  }

  get parameters(): Readonly<Record<string, number>> {
    return { lists: this.#count, elements: this.#texts.count, nullText: 1 };
  }

  add(textIds: readonly number[]): void {
    this.#newLists.push(textIds);
  }

  reserve(): void {
    this.#offsets.need(this.#count + this.#newLists.length + 1);
    this.#texts.need(this.#newLists.reduce((sum, { length }) => sum + length, this.#texts.count));
  }

  store(): void {
    const offsets = this.#offsets.u32();
    const texts = this.#texts.u32();
    let count = this.#count;
    offsets[0] = 0;
    let used = this.#texts.count;
    for (const list of this.#newLists) {
      texts.set(list, used);
      used += list.length;
      offsets[++count] = used;
    }
    this.#texts.count = used;
    this.#offsets.count = count + 1;
    this.#newLists = [];
  }

  get #count(): number {
    return Math.max(0, this.#offsets.count - 1);
  }
}
