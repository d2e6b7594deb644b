import { type ColumnReader, type DictionaryReader, memoised } from '../rows.js';
import type { Scalar, Value, ValueType } from '../types.js';

/**
 * A reader of `fn` over each cell of another reader. `fn` is pure and runs once per distinct value
 * where there is a dictionary.
 */
export function mappedReader(
  reader: ColumnReader,
  type: ValueType,
  fn: (cell: Value) => Value,
): ColumnReader {
  const { dictionary } = reader;
  const shared = { type, multiValue: reader.multiValue, exists: reader.exists };
  if (dictionary === undefined) return { ...shared, get: memoised(reader, fn) };
  const mapped = mappedDictionary(dictionary, fn);
  return { ...shared, get: () => mapped.value(mapped.id()), dictionary: mapped };
}

/**
 * Ids that `fn` maps to the same value share the id of the one that was met first, so that grouping
 * by id groups by value. Ids and `size` stay those of the underlying dictionary, which may grow.
 */
function mappedDictionary(
  dictionary: DictionaryReader,
  fn: (cell: Value) => Value,
): DictionaryReader {
  const values: Value[] = [];
  const representatives: (number | undefined)[] = [];
  const firstWithKey = new Map<unknown, number>();
  const resolve = (id: number): number => {
    const value = fn(dictionary.value(id));
    const key = cellKey(value);
    const first = firstWithKey.get(key) ?? id;
    if (first === id) firstWithKey.set(key, id);
    values[id] = value;
    representatives[id] = first;
    return first;
  };
  return {
    get size() {
      return dictionary.size;
    },
    id() {
      const id = dictionary.id();
      return representatives[id] ?? resolve(id);
    },
    value(id) {
      if (representatives[id] === undefined) resolve(id);
      return values[id]!;
    },
  };
}

/** A Map key that cells share exactly when they are equal. */
function cellKey(cell: Value): unknown {
  if (typeof cell === 'string') return `s${cell}`;
  if (!Array.isArray(cell)) return cell;
  const keys = (cell as readonly Scalar[]).map((value) =>
    typeof value === 'string' ? JSON.stringify(value) : String(value),
  );
  return `a${keys.join()}`;
}

/** Lifts a function on elements to cells: to every element of a list, and to a plain value. */
export function eachElement(fn: (value: Scalar) => Scalar): (cell: Value) => Value {
  return (cell) => (Array.isArray(cell) ? (cell as readonly Scalar[]).map(fn) : fn(cell as Scalar));
}
