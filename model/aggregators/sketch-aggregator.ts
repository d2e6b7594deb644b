import { CorruptSketchError, type JsonObject, UserError } from '../../core/index.js';
import { compareValues } from '../ordering.js';
import { type ColumnReader, memoised, type RowSource } from '../rows.js';
import {
  type ComplexType,
  isComplexType,
  type Scalar,
  type Value,
  type ValueType,
} from '../types.js';
import type { Accumulator, Aggregator, AggregatorForm, State } from './aggregator.js';

/** What an aggregator of sketches of one kind is made of. */
export interface SketchAggregator<S extends object> {
  readonly name: string;
  readonly spec: JsonObject;
  readonly fieldName: string;
  /** The columns that are read, where `fieldName` is not all of them. */
  readonly inputs?: readonly string[];
  /** What is read where it is not the column `fieldName` as it is. */
  readonly open?: (source: RowSource) => ColumnReader;
  readonly storedType: ComplexType;
  /** An empty sketch of the aggregator's settings. */
  create(): S;
  /** Adds what was added to `from`. */
  merge(into: S, from: S): void;
  encode(sketch: S): Uint8Array;
  decode(bytes: Uint8Array): S;
  /** Whether plain texts stand for sketches, or do so where they spell no number. */
  readonly takesSketches: boolean | 'or numbers';
  /** As data; where `accumulator` alone can tell, absent. */
  readonly form?: AggregatorForm;
  /** Adds what the current cell of a column of plain values holds. */
  adder(reader: ColumnReader, source: RowSource): (sketch: S) => void;
  /** The number that results are ordered by, of what they show: the sketch, unless `final` makes something else of it. */
  estimate(shown: S): Value;
  /** What the result shows, and its type. */
  final(sketch: S): Value;
  readonly resultType: ValueType;
  /** The aggregator that merges the stored column. */
  combining(): Aggregator;
}

function rawFields(takesSketches: boolean | 'or numbers'): NonNullable<Aggregator['rawFields']> {
  if (takesSketches === 'or numbers') return 'numbers or sketches';
  return takesSketches ? 'sketches' : 'own values';
}

/**
 * An aggregator whose state is a sketch, which is changed in place. It reads plain values and a stored column of its
 * own type; other complex columns count for nothing.
 */
export function sketchAggregator<S extends object>(options: SketchAggregator<S>): Aggregator {
  const { storedType, resultType } = options;
  const combine = (a: State, b: State): State => {
    if (b === null) return a;
    const into = a ?? options.create();
    options.merge(into as S, b as S);
    return into;
  };
  const estimate = (value: Value): Value => (value === null ? null : options.estimate(value as S));
  const compareEstimates = compareValues('DOUBLE');
  return {
    name: options.name,
    spec: options.spec,
    inputs: options.inputs ?? [options.fieldName],
    storedType,
    resultType,
    rawFields: rawFields(options.takesSketches),
    ...(options.form === undefined ? {} : { form: options.form }),
    accumulator: (source) => accumulator(source, options, combine),
    initial: () => options.create(),
    combine,
    finalise: (state) => options.final((state ?? options.create()) as S),
    combining: () => options.combining(),
    encode: (state) => (state === null ? null : options.encode(state as S)),
    decode: (wire) => (wire === null ? options.create() : options.decode(wire as Uint8Array)),
    compare: isComplexType(resultType)
      ? (a, b) => compareEstimates(estimate(a), estimate(b))
      : compareValues(resultType),
  };
}

function accumulator<S extends object>(
  source: RowSource,
  { fieldName, storedType, adder, open }: SketchAggregator<S>,
  combine: Aggregator['combine'],
): Accumulator {
  const reader = open?.(source) ?? source.column(fieldName);
  if (reader.type === storedType) return { fold: (state) => combine(state, reader.get()) };
  if (isComplexType(reader.type)) return { fold: (state) => state };
  const add = adder(reader, source);
  return {
    fold(state) {
      add(state as S);
      return state;
    },
  };
}

/** Merges the sketches that texts of the column stand for, in base64. Throws UserError for one that stands for none. */
export function textSketches<S extends object>(
  reader: ColumnReader,
  column: string,
  decode: (bytes: Uint8Array) => S,
  merge: (into: S, from: S) => void,
): (into: S) => void {
  const read = memoised(reader, (cell) =>
    typeof cell === 'string' && cell !== '' ? textSketch(cell, column, decode) : null,
  );
  return (into) => {
    const sketch = read();
    if (sketch !== null) merge(into, sketch);
  };
}

function textSketch<S>(text: string, column: string, decode: (bytes: Uint8Array) => S): S {
  try {
    return decode(Buffer.from(text, 'base64'));
  } catch (error) {
    if (!(error instanceof CorruptSketchError)) throw error;
    throw new UserError(
      `column "${column}": want a sketch as base64; got ${JSON.stringify(text.slice(0, 60))}: ${error.message}. To count plain values, leave out that they are sketches`,
      'query',
      column,
    );
  }
}

export type Element = Exclude<Scalar, null>;

/** Calls `visit` with every element of a cell that is not null. */
export function eachElement(cell: Value, visit: (element: Element) => void): void {
  if (!Array.isArray(cell)) {
    if (cell !== null) visit(cell as Element);
    return;
  }
  for (const element of cell as readonly Scalar[]) if (element !== null) visit(element);
}
