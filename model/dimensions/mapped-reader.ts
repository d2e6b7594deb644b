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

/** Keeps the ids, although `fn` may map several to equal cells. */
function mappedDictionary(
  dictionary: DictionaryReader,
  fn: (cell: Value) => Value,
): DictionaryReader {
  const known: (Value | undefined)[] = [];
  return {
    get size() {
      return dictionary.size;
    },
    id: () => dictionary.id(),
    value(id) {
      const cached = known[id];
      if (cached !== undefined) return cached;
      const value = fn(dictionary.value(id));
      known[id] = value;
      return value;
    },
  };
}

/** Lifts a function on elements to cells: to every element of a list, and to a plain value. */
export function eachElement(fn: (value: Scalar) => Scalar): (cell: Value) => Value {
  return (cell) => (Array.isArray(cell) ? (cell as readonly Scalar[]).map(fn) : fn(cell as Scalar));
}
