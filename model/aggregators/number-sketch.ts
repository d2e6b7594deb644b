import { CorruptSketchError } from '../../core/index.js';
import { type ColumnReader, memoised } from '../rows.js';
import { isNumericType, type Scalar, type Value } from '../types.js';
import type { AggregatorForm, State } from './aggregator.js';
import { toDouble } from './number-input.js';

/** How a sketch of numbers takes what it is given. */
export interface NumberSketch<S extends object> {
  readonly kind: abstract new (...args: never[]) => S;
  add(sketch: S, number: number): void;
  merge(into: S, from: S): void;
  decode(bytes: Uint8Array): S;
  /** The sketch that a text stands for; absent: that of bytes in base64. Throws CorruptSketchError for one that stands for none. */
  readonly ofText?: (text: string) => S;
  /** For what is null or spells no number. */
  missing?(sketch: S): void;
  /** The number that a scalar counts as; absent: the double it stands for. */
  readonly convert?: (value: Value) => number | null;
}

/** Takes the numbers of the current cell: of lists each element, of texts the number or (in base64) the sketch they spell. */
export function numbersAndSketches<S extends object>(
  reader: ColumnReader,
  how: NumberSketch<S>,
): (sketch: S) => void {
  const convert = how.convert ?? toDouble;
  const take = (sketch: S, number: Scalar): void => {
    if (number === null) how.missing?.(sketch);
    else how.add(sketch, number as number);
  };
  if (isNumericType(reader.type)) {
    const read = memoised(reader, convert);
    return (sketch) => take(sketch, read());
  }
  const read = memoised(reader, (cell): Value => {
    if (typeof cell === 'string') return convert(cell) ?? sketchOf(cell, how);
    if (cell instanceof how.kind) return cell;
    return Array.isArray(cell) ? (cell as Scalar[]).map(convert) : convert(cell);
  });
  return (sketch) => {
    const cell = read();
    if (cell instanceof how.kind) how.merge(sketch, cell);
    else if (!Array.isArray(cell)) take(sketch, cell as Scalar);
    else for (const element of cell as readonly Scalar[]) take(sketch, element);
  };
}

/** Of an aggregator that takes numbers as the doubles they are, in their order. */
export const numberFolds = <S extends object>(
  column: string,
  add: (sketch: S, number: number) => void,
  addAll: AddAll<S> = oneByOne(add),
): AggregatorForm => ({
  kind: 'folds',
  isOrderFree: false,
  numbers: {
    column,
    add: add as (state: State, number: number) => void,
    addAll: addAll as AddAll<State>,
  },
});

type AddAll<S> = (sketch: S, numbers: Float64Array, from: number, to: number) => void;

const oneByOne =
  <S>(add: (sketch: S, number: number) => void): AddAll<S> =>
  (sketch, numbers, from, to) => {
    for (let i = from; i < to; i++) add(sketch, numbers[i]!);
  };

/** Text that is neither number nor sketch counts as none. */
function sketchOf<S extends object>(text: string, how: NumberSketch<S>): S | null {
  try {
    return how.ofText?.(text) ?? how.decode(Buffer.from(text, 'base64'));
  } catch (error) {
    if (error instanceof CorruptSketchError) return null;
    throw error;
  }
}
