import type { JsonObject } from '../../core/index.js';
import type { ExtractionFn } from '../dimensions/extraction/extraction-fn.js';
import { type ColumnReader, memoised } from '../rows.js';
import type { Interval } from '../time/interval.js';
import {
  elementType,
  isArrayType,
  isComplexType,
  type Scalar,
  type ScalarType,
  type Value,
  type ValueType,
} from '../types.js';
import {
  FALSE,
  type Filter,
  type FilterForm,
  type NumberTest,
  type Ternary,
  TRUE,
  UNKNOWN,
  type WordTest,
} from './filter.js';
import type { TextTest } from './text-test.js';

type NumericType = Exclude<ScalarType, 'STRING'>;

/** Tests one value, never a list. */
export type ElementTest = (value: Scalar) => Ternary;

export interface ColumnFilterOptions {
  readonly spec: JsonObject;
  readonly column: string;
  readonly extraction?: ExtractionFn | null;
  /** The test for a column whose elements have this type (STRING behind an extraction function). */
  readonly testOf: (type: ScalarType) => ElementTest;
  readonly intervals?: readonly Interval[] | null;
  /** The test of numbers as data; null where there is none. */
  readonly numbersOf?: (type: NumericType) => NumberTest | null;
  /** The test of texts as data; null where there is none. */
  readonly texts?: TextTest | null;
  /** Words that the texts which pass have. */
  readonly words?: WordTest;
}

/**
 * A filter over one column. A cell that holds a list matches when any of its elements does; the
 * test runs once per distinct value where the column has a dictionary.
 */
export function columnFilter(options: ColumnFilterOptions): Filter {
  const { spec, column, intervals, extraction } = options;
  return {
    spec,
    inputs: [column],
    ...(intervals ? { intervals } : {}),
    ...(extraction ? {} : { form: valuesForm(options) }),
    predicate(source) {
      const reader = source.column(column);
      return memoised(reader, anyElement(elementTest(reader, options)));
    },
  };
}

/** A test of values, taken apart as far as can be. */
export const valuesForm = ({
  column,
  numbersOf = () => null,
  texts = null,
  words,
}: Pick<ColumnFilterOptions, 'column' | 'numbersOf' | 'texts' | 'words'>): FilterForm => ({
  kind: 'values',
  column,
  numbersOf,
  texts,
  ...(words && { words }),
});

function elementTest(reader: ColumnReader, options: ColumnFilterOptions): ElementTest {
  const type = scalarTypeOf(reader.type);
  if (type === null) return () => options.testOf('STRING')(null);
  const { extraction } = options;
  if (!extraction) return options.testOf(type);
  const test = options.testOf('STRING');
  return (value) => test(extraction.apply(value, type));
}

/** The type of a column's elements; null for complex columns, which have no text or number to test. */
export function scalarTypeOf(type: ValueType): ScalarType | null {
  if (isComplexType(type)) return null;
  return isArrayType(type) ? elementType(type) : type;
}

/** Lifts a test to cells: a list is true when any element is, else unknown when any is. */
export function anyElement(test: ElementTest): (cell: Value) => Ternary {
  return (cell) => {
    if (!Array.isArray(cell)) return test(cell as Scalar);
    if (cell.length === 0) return test(null);
    let seen: Ternary = FALSE;
    for (const element of cell as readonly Scalar[]) {
      const result = test(element);
      if (result === TRUE) return TRUE;
      if (result === UNKNOWN) seen = UNKNOWN;
    }
    return seen;
  };
}

/** A test that is unknown for null. */
export const unlessNull =
  (test: (value: Exclude<Scalar, null>) => boolean): ElementTest =>
  (value) =>
    value === null ? UNKNOWN : test(value) ? TRUE : FALSE;

/** Matches nothing: false, or unknown where the input is null. */
export const NEVER: ElementTest = unlessNull(() => false);
