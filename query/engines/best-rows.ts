import { UserError } from '../../core/index.js';
import {
  type Comparator,
  isComplexType,
  memoised,
  type RowSource,
  type Value,
  type ValueType,
} from '../../model/index.js';
import type { ScanOrder } from '../native/query.js';
import { keyComparators } from './row-order.js';

/**
 * Collects the first `count` rows of an order while a walk stands on one row after the other; equal
 * rows stay in the order of their numbers. Reads nothing but the keys, and of those no more than it
 * takes to see that a row comes too late.
 *
 * Holds at most 2 × `count` rows: when full, the later half goes, which costs O(log count)
 * comparisons per collected row. From then on only rows before the last one kept are collected.
 */
export class BestRows {
  /** The type of each key; null where the segment has no such column. */
  readonly keyTypes: readonly (ValueType | null)[];
  readonly #readers: readonly (() => Value)[];
  readonly #comparators: readonly Comparator[];
  #rows: number[] = [];
  /** Per key, parallel to the rows. */
  #keys: Value[][];
  /** The keys of the last row that is kept, and its number, once there are `count`. */
  #last: readonly Value[] | null = null;
  #lastRow = 0;

  /** Throws UserError for a key that has no order. `count` may be infinite. */
  constructor(
    orderBy: readonly ScanOrder[],
    source: RowSource,
    private readonly count: number,
  ) {
    const readers = orderBy.map(({ name }) => source.column(name));
    this.keyTypes = readers.map(({ exists, type }) => (exists ? type : null));
    for (const [i, type] of this.keyTypes.entries()) {
      if (type !== null && isComplexType(type)) throw unordered(orderBy[i]!.name, type, i);
    }
    this.#readers = readers.map((reader) => memoised(reader, (value) => value));
    this.#comparators = keyComparators(
      orderBy,
      readers.map(({ type }) => [type]),
    );
    this.#keys = orderBy.map(() => []);
  }

  /** Rows held. */
  get rowCount(): number {
    return this.#rows.length;
  }

  /** The first key of the last row that is kept: rows behind it in that key are not wanted. Null while any may be. */
  get lastKey(): Value {
    return this.#last?.[0] ?? null;
  }

  /** Looks at `row`, on which the source stands. */
  add(row: number): void {
    if (this.#last !== null && !this.#isBefore(row, this.#last)) return;
    this.#rows.push(row);
    for (let i = 0; i < this.#readers.length; i++) this.#keys[i]!.push(this.#readers[i]!());
    if (this.#rows.length < 2 * this.count) return;
    this.#prune();
    this.#last = this.#keys.map((values) => values[this.count - 1]!);
    this.#lastRow = this.#rows[this.count - 1]!;
  }

  /** The rows in order, and their keys. */
  finish(): { readonly rows: readonly number[]; readonly keys: readonly (readonly Value[])[] } {
    this.#prune();
    return { rows: this.#rows, keys: this.#keys };
  }

  #isBefore(row: number, last: readonly Value[]): boolean {
    for (let i = 0; i < this.#readers.length; i++) {
      const order = this.#comparators[i]!(this.#readers[i]!(), last[i]!);
      if (order !== 0) return order < 0;
    }
    return row < this.#lastRow;
  }

  /** Sorts the rows and drops those behind `count`. */
  #prune(): void {
    const rows = this.#rows;
    const keys = this.#keys;
    const comparators = this.#comparators;
    const places = rows.map((_, i) => i);
    places.sort((a, b) => {
      for (let i = 0; i < keys.length; i++) {
        const order = comparators[i]!(keys[i]![a]!, keys[i]![b]!);
        if (order !== 0) return order;
      }
      return rows[a]! - rows[b]!;
    });
    if (places.length > this.count) places.length = this.count;
    this.#rows = places.map((place) => rows[place]!);
    this.#keys = keys.map((values) => places.map((place) => values[place]!));
  }
}

const unordered = (name: string, type: ValueType, index: number): UserError =>
  new UserError(
    `orderBy[${index}]: column [${name}] of type ${type} has no order; order by another column`,
    'query',
    `orderBy[${index}]`,
  );
