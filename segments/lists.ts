import { compareText, type Long, longCompare } from '../core/index.js';
import { type ArrayType, elementType, type Scalar } from '../model/index.js';
import { wellFormed } from './cells.js';
import { compareDoubles } from './words.js';

/** One row of an array column: null, or its elements, null ones among them. A list without elements is not null. */
export type ListCell = readonly Scalar[] | null;

type Compare<T> = (a: T, b: T) => number;

const BY_ELEMENT: Readonly<Record<ArrayType, Compare<Scalar>>> = {
  'ARRAY<STRING>': nullsFirst((a, b) => compareText(a as string, b as string)),
  'ARRAY<LONG>': nullsFirst((a, b) => longCompare(a as Long, b as Long)),
  'ARRAY<DOUBLE>': nullsFirst((a, b) => compareDoubles(a as number, b as number)),
};

function nullsFirst(compare: Compare<Exclude<Scalar, null>>): Compare<Scalar> {
  return (a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
    return compare(a, b);
  };
}

/** Stored order of elements: nulls first, texts by UTF-8 bytes, doubles as Java has them. */
export const compareElementsOf = (type: ArrayType): Compare<Scalar> => BY_ELEMENT[type];

/** Stored order of lists: null first, then element by element, a shorter list before a longer one that it begins. */
export function compareLists(type: ArrayType): Compare<ListCell> {
  const compare = compareElementsOf(type);
  return (a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
    const common = Math.min(a.length, b.length);
    for (let i = 0; i < common; i++) {
      const order = compare(a[i]!, b[i]!);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  };
}

/** The form in which a list is stored: texts as UTF-8 holds them. */
export function toList(list: readonly Scalar[], type: ArrayType): readonly Scalar[] {
  if (elementType(type) !== 'STRING') return list;
  return list.map((element) => (element === null ? null : wellFormed(element as string)));
}

/** Gives every distinct scalar the same number each time it comes, from 0 on in order of arrival; 0 and -0 are two. */
export class ScalarTable {
  readonly values: Scalar[] = [];
  readonly #ids = new Map<unknown, number>();

  idOf(value: Scalar): number {
    const key = Object.is(value, -0) ? MINUS_ZERO : value;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.values.length;
    this.values.push(value);
    this.#ids.set(key, id);
    return id;
  }
}

/** Keys of a Map do not tell zeros apart. */
const MINUS_ZERO = Symbol('-0');

/** Gives every distinct list the same id each time it comes, from 0 on in order of arrival. */
export class ListTable {
  readonly cells: ListCell[] = [];
  readonly #elements = new ScalarTable();
  readonly #ids = new Map<string | null, number>();

  idOf(cell: ListCell): number {
    const key = cell === null ? null : cell.map((each) => this.#elements.idOf(each)).join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.cells.length;
    this.cells.push(cell);
    this.#ids.set(key, id);
    return id;
  }
}
