import type { Long } from '../../core/index.js';
import { type ArrayType, elementType, type Scalar } from '../../model/index.js';
import { ScalarTable } from '../lists.js';
import { writeLong } from '../words.js';
import { Part } from './part.js';
import { TextIds } from './text-ids.js';

/** About what a number and its entries in a Map and an array cost. */
const ENTRY_HEAP_BYTES = 64;

/** The distinct elements of an array column by id, in order of arrival; id 0 is null (see `encodings/element-values.ts`). */
export interface ElementIds {
  /** How many are stored, null included: readers see ids below. */
  readonly storedCount: number;
  readonly heapBytes: number;
  readonly parts: readonly Part[];
  /** The id of an element, a new one if need be. Elements are of the column's type, and not null. */
  idOf(value: Exclude<Scalar, null>): number;
  /** Asks for room for the elements that wait to be stored. */
  reserve(): void;
  store(): void;
}

export function elementIds(type: ArrayType): ElementIds {
  const element = elementType(type);
  return element === 'STRING' ? new TextIds() : new NumberIds(element === 'LONG');
}

class NumberIds implements ElementIds {
  readonly #part = new Part('elements', 8);
  readonly #table = new ScalarTable();

  constructor(private readonly areLongs: boolean) {
    this.#table.idOf(null);
  }

  get storedCount(): number {
    return this.#part.count;
  }

  get heapBytes(): number {
    return ENTRY_HEAP_BYTES * this.#table.values.length;
  }

  get parts(): readonly Part[] {
    return [this.#part];
  }

  idOf(value: Exclude<Scalar, null>): number {
    return this.#table.idOf(value);
  }

  reserve(): void {
    this.#part.need(this.#table.values.length);
  }

  store(): void {
    const { values } = this.#table;
    const part = this.#part;
    const words = part.u32();
    const doubles = part.f64();
    for (let id = part.count; id < values.length; id++) {
      const value = values[id] ?? 0;
      if (this.areLongs) writeLong(words, 2 * id, value as Long);
      else doubles[id] = Number(value);
    }
    part.count = values.length;
  }
}
