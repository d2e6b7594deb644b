import { compareText, type Long, toLong } from '../../core/index.js';
import type { DoubleVector, FloatVector, LongOffsets, LongWords } from '../../indexes/index.js';
import { type ArrayType, type ComplexType, JSON_TYPE, type ValueType } from '../../model/index.js';
import { type Cell, elementsOf } from '../cells.js';
import type { ListCell } from '../lists.js';
import { isNull } from '../null-bitmap.js';
import { compareDoubles, extremesOf } from '../words.js';

export type { DoubleVector, FloatVector, LongOffsets, LongWords };

/**
 * The values of one column on their way into a file: one entry per row, plain arrays. `nulls` is a
 * null bitmap, or null where there are none; what `values` or `words` hold in a null row is ignored.
 */
export type LongVector = LongWords | LongOffsets;

export interface StringVector {
  readonly kind: 'STRING';
  readonly rowCount: number;
  /** Distinct, in `compareCells` order, each used by some row. */
  readonly cells: readonly Cell[] | TextList;
  /** Index into `cells` by row, as wide as it needs to be, or wider. */
  readonly ids: Uint8Array | Uint16Array | Uint32Array;
}

/** Distinct texts, null first where there is one, then by UTF-8 bytes, that need not all be in memory. */
export interface TextList {
  readonly kind: 'texts';
  /** Null included. */
  readonly size: number;
  readonly hasNull: boolean;
  /** Of those that are not null; null when there are none. */
  readonly first: string | null;
  readonly last: string | null;
  /** UTF-8 of all texts, one after another, each chunk valid until the next; fills `offsets`, size + 1 of them, on the way: text i is [offsets[i], offsets[i + 1]). */
  chunks(offsets: Uint32Array): Iterable<Uint8Array>;
}

export const isTextList = (cells: readonly Cell[] | TextList): cells is TextList => 'kind' in cells;

/** How many there are, null included. */
export const cellCount = (cells: readonly Cell[] | TextList): number =>
  isTextList(cells) ? cells.size : cells.length;

export interface ComplexVector {
  readonly kind: 'COMPLEX';
  readonly type: ComplexType;
  readonly rowCount: number;
  /** The stored form of the row's value, null where it is null. Asked once per row, in order. */
  bytes(row: number): Uint8Array | null;
}

/** See `StringVector`; cells in `compareLists` order. */
export interface ArrayVector {
  readonly kind: 'ARRAY';
  readonly type: ArrayType;
  readonly rowCount: number;
  readonly cells: readonly ListCell[];
  readonly ids: Uint8Array | Uint16Array | Uint32Array;
}

/** JSON by its texts, which are distinct and in the order of their bytes. */
export interface JsonVector {
  readonly kind: 'JSON';
  readonly rowCount: number;
  readonly texts: TextList;
  readonly ids: Uint8Array | Uint16Array | Uint32Array;
  /** Which paths into it have columns of their own: all that lead to a scalar or a list of scalars, some, or none. */
  readonly paths: 'all' | 'some' | 'none';
}

export type Vector =
  | LongVector
  | DoubleVector
  | FloatVector
  | StringVector
  | ArrayVector
  | JsonVector
  | ComplexVector;

/** What is known of a vector before it is written. */
export interface Facts {
  /** Distinct elements of strings, null included; null for other types. */
  readonly cardinality: number | null;
  /** Smallest and largest non-null value; null when there is none. Doubles by Java's `Double.compare`. */
  readonly min: string | Long | null;
  readonly max: string | Long | null;
  readonly hasNulls: boolean;
  /** Whether some cell is a list. */
  readonly multiValue: boolean;
}

const NO_FACTS: Facts = {
  cardinality: null,
  min: null,
  max: null,
  hasNulls: false,
  multiValue: false,
};

export function typeOf(vector: Vector): ValueType {
  if (vector.kind === 'JSON') return JSON_TYPE;
  return vector.kind === 'COMPLEX' || vector.kind === 'ARRAY' ? vector.type : vector.kind;
}

export function factsOf(vector: Vector): Facts {
  switch (vector.kind) {
    case 'LONG':
      return vector.layout === 'words' ? wordFacts(vector) : offsetFacts(vector);
    case 'STRING':
      return stringFacts(vector);
    case 'ARRAY':
      return { ...NO_FACTS, hasNulls: vector.cells[0] === null };
    case 'JSON':
      return { ...NO_FACTS, hasNulls: vector.texts.hasNull };
    case 'COMPLEX':
      // Whether there are nulls shows while the bytes are written: see `complex.ts`.
      return NO_FACTS;
    default:
      return doubleFacts(vector);
  }
}

function wordFacts({ words, nulls, rowCount }: LongWords): Facts {
  const extremes = extremesOf(words, rowCount, nulls);
  return numberFacts(extremes?.min ?? null, extremes?.max ?? null, nulls);
}

function offsetFacts({ base, offsets, nulls, rowCount }: LongOffsets): Facts {
  let min = 2 ** 32;
  let max = -1;
  for (let row = 0; row < rowCount; row++) {
    if (nulls !== null && isNull(nulls, row)) continue;
    const offset = offsets[row]!;
    if (offset < min) min = offset;
    if (offset > max) max = offset;
  }
  const valueAt = (offset: number) => toLong(BigInt(base) + BigInt(offset));
  if (max < 0) return numberFacts(null, null, nulls);
  return numberFacts(valueAt(min), valueAt(max), nulls);
}

function doubleFacts({ values, nulls, rowCount }: DoubleVector | FloatVector): Facts {
  let min: number | null = null;
  let max: number | null = null;
  for (let row = 0; row < rowCount; row++) {
    if (nulls !== null && isNull(nulls, row)) continue;
    const value = values[row]!;
    if (min !== null && max !== null && value > min && value < max) continue;
    if (min === null || compareDoubles(value, min) < 0) min = value;
    if (max === null || compareDoubles(value, max) > 0) max = value;
  }
  return numberFacts(min, max, nulls);
}

const numberFacts = (min: Long | null, max: Long | null, nulls: Uint8Array | null): Facts => ({
  cardinality: null,
  min,
  max,
  hasNulls: nulls !== null,
  multiValue: false,
});

function stringFacts({ cells }: StringVector): Facts {
  if (!isTextList(cells)) return cellFacts(cells);
  const { size, hasNull, first, last } = cells;
  return { cardinality: size, min: first, max: last, hasNulls: hasNull, multiValue: false };
}

function cellFacts(cells: readonly Cell[]): Facts {
  const elements = new Set<string | null>();
  let min: string | null = null;
  let max: string | null = null;
  for (const cell of cells) {
    if (cell === null) elements.add(null);
    for (const element of elementsOf(cell)) {
      elements.add(element);
      if (element === null) continue;
      if (min === null || compareText(element, min) < 0) min = element;
      if (max === null || compareText(element, max) > 0) max = element;
    }
  }
  return {
    cardinality: elements.size,
    min,
    max,
    hasNulls: elements.has(null),
    multiValue: cells.some((cell) => Array.isArray(cell)),
  };
}
