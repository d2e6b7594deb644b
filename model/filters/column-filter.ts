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
import { FALSE, type Filter, type NumberTest, type Ternary, TRUE, UNKNOWN } from './filter.js';

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
}

/**
 * A filter over one column. A cell that holds a list matches when any of its elements does; the
 * test runs once per distinct value where the column has a dictionary.
 */
export function columnFilter(options: ColumnFilterOptions): Filter {
  const { spec, column, intervals, extraction, numbersOf } = options;
  return {
    spec,
    inputs: [column],
    ...(intervals ? { intervals } : {}),
    ...(numbersOf && !extraction ? { form: { kind: 'numbers', column, testOf: numbersOf } } : {}),
    predicate(source) {
      const reader = source.column(column);
      return memoised(reader, anyElement(elementTest(reader, options)));
    },
  };
}

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
