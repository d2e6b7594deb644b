import { compareText, InternalError, utf8Decode, utf8Encode } from '../core/index.js';
import type { Value } from '../model/index.js';
import type { MultiValueHandling } from './schema.js';

/**
 * The content of one row of a string column: null, a text, or a list of two or more elements. An
 * empty list is null, and a list of one element is that element, so that equal cells have one form.
 */
export type Cell = string | null | readonly (string | null)[];

/**
 * Stored order of cells: null, then element by element (nulls first, texts by UTF-8 bytes), a
 * shorter list before a longer one that it begins. A text counts as a list of one.
 */
export function compareCells(a: Cell, b: Cell): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  const left = elementsOf(a);
  const right = elementsOf(b);
  const common = Math.min(left.length, right.length);
  for (let i = 0; i < common; i++) {
    const order = compareElements(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Nulls first, texts by UTF-8 bytes. */
export function compareElements(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compareText(a, b);
}

/** The elements of a cell: none for null. */
export function elementsOf(cell: Cell): readonly (string | null)[] {
  if (cell === null) return [];
  return typeof cell === 'string' ? [cell] : cell;
}

/** The one form of a list of elements. */
export function cellOf(elements: readonly (string | null)[]): Cell {
  if (elements.length > 1) return elements;
  return elements[0] ?? null;
}

/** The cell that a value of a string column is, lists brought into their stored order. */
export function toCell(value: Value, handling: MultiValueHandling): Cell {
  if (value === null) return null;
  if (typeof value === 'string') return wellFormed(value);
  if (!Array.isArray(value)) throw notText(value);
  const elements: (string | null)[] = [];
  for (const element of value) {
    if (element !== null && typeof element !== 'string') throw notText(element);
    elements.push(element === null ? null : wellFormed(element));
  }
  if (handling === 'ARRAY') return cellOf(elements);
  elements.sort(compareElements);
  if (handling === 'SORTED_ARRAY') return cellOf(elements);
  return cellOf(elements.filter((element, i) => i === 0 || element !== elements[i - 1]));
}

const SURROGATE = /[\ud800-\udfff]/;

/** UTF-8 has no lone surrogates: they become U+FFFD before a text is looked up or compared. */
export function wellFormed(text: string): string {
  return SURROGATE.test(text) ? utf8Decode(utf8Encode(text)) : text;
}

function notText(value: unknown): InternalError {
  return new InternalError(`a string column was given ${typeof value} ${String(value)}`);
}

/** Gives every distinct cell the same id each time it comes, from 0 on in order of arrival. */
export class CellTable {
  readonly cells: Cell[] = [];
  readonly #texts = new Map<string | null, number>();
  readonly #lists = new Map<string, number>();

  idOf(cell: Cell): number {
    if (cell === null || typeof cell === 'string') return this.#intern(this.#texts, cell, cell);
    return this.#intern(this.#lists, JSON.stringify(cell), cell);
  }

  #intern<K>(ids: Map<K, number>, key: K, cell: Cell): number {
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = this.cells.length;
    this.cells.push(cell);
    ids.set(key, id);
    return id;
  }
}
