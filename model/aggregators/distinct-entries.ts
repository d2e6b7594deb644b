import { entryOfDouble, entryOfLong, entryOfText } from '../../sketches/index.js';
import { type ColumnReader, memoised } from '../rows.js';
import { scalarText } from '../text.js';
import {
  elementType,
  isArrayType,
  isComplexType,
  type Scalar,
  type Value,
  type ValueType,
} from '../types.js';

/** The entries that the current row adds to a HyperLogLog (`sketches/sketch-entry.ts`). */
export type EntryReader = () => readonly number[];

/** A column whose numbers count by their 8 bytes. */
export interface PlainInput {
  readonly column: string;
  /** They count as numbers of this type; null: of the column's own. */
  readonly type: ValueType | null;
}

/** Each element of a cell that is not null, by its type; hashed once per distinct cell. */
export function elementEntries(reader: ColumnReader): EntryReader {
  if (isComplexType(reader.type)) return () => [];
  const type = elementTypeOf(reader.type);
  return memoised(reader, (cell) => {
    if (!Array.isArray(cell)) return cell === null ? [] : [entryOf(cell as Element, type)];
    const elements = (cell as readonly Scalar[]).filter((element) => element !== null);
    return elements.map((element) => entryOf(element, type));
  });
}

/** The tuple of the current cells; null is a value like others, lists count regardless of order. */
export function tupleEntries(readers: readonly ColumnReader[]): EntryReader {
  const keys = readers.map((reader) =>
    memoised(reader, (cell) => JSON.stringify(elementTexts(cell, reader.type).sort())),
  );
  return () => [entryOfText(keys.map((key) => key()).join())];
}

/** What any of them adds. */
export function joined(readers: readonly EntryReader[]): EntryReader {
  const [only] = readers;
  return readers.length === 1 ? only! : () => readers.flatMap((read) => read());
}

type Element = Exclude<Scalar, null>;

function entryOf(element: Element, type: ValueType): number {
  if (typeof element === 'string' || type === 'STRING') {
    return entryOfText(scalarText(element, type)!);
  }
  return type === 'LONG' ? entryOfLong(element) : entryOfDouble(Number(element));
}

const elementTypeOf = (type: ValueType): ValueType =>
  isArrayType(type) ? elementType(type) : type;

function elementTexts(cell: Value, type: ValueType): (string | null)[] {
  const elements = Array.isArray(cell) ? (cell as readonly Scalar[]) : [cell as Scalar];
  return elements.map((value) => scalarText(value, elementTypeOf(type)));
}
