import type { Long } from '../../core/index.js';
import type { Expression } from '../expressions/expression.js';
import type { JsonCondition } from '../json/json-match.js';
import type { RowSource } from '../rows.js';
import type { Interval } from '../time/interval.js';
import type { TextTest } from './text-test.js';

/**
 * Three-valued logic in one small integer: a comparison with a null input is unknown, and unknown
 * rows do not match.
 */
export type Ternary = 0 | 1 | 2;
export const FALSE: Ternary = 0;
export const TRUE: Ternary = 1;
export const UNKNOWN: Ternary = 2;

/** A parsed filter: one predicate over rows. */
export interface Filter {
  /** The JSON it was parsed from. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** The columns it reads. */
  readonly inputs: readonly string[];
  /** Where `__time` must lie for a row to match, sorted and disjoint; absent when the filter does not bound it. */
  readonly intervals?: readonly Interval[];
  /** Compiles it against rows; the function tests the current row. */
  predicate(source: RowSource): () => Ternary;
  /** What it is made of, for those who compile it otherwise; absent where only `predicate` can tell. */
  readonly form?: FilterForm;
}

/** The same test as `predicate`, taken apart. */
export type FilterForm =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  /** TRUE where the filter's answer is `wanted`, else FALSE. */
  | { readonly kind: 'is'; readonly filter: Filter; readonly wanted: Ternary }
  | { readonly kind: 'constant'; readonly value: Ternary }
  /** Of the values of a column, by its type. Null: only `predicate` can tell. */
  | {
      readonly kind: 'values';
      readonly column: string;
      readonly numbersOf: (type: 'LONG' | 'DOUBLE' | 'FLOAT') => NumberTest | null;
      /** Of a STRING. */
      readonly texts: TextTest | null;
      /** Of a STRING; absent where words do not tell. */
      readonly words?: WordTest;
    }
  /** TRUE for a document that has all of this: see `holdsAll`. */
  | {
      readonly kind: 'json';
      readonly column: string;
      readonly conditions: readonly JsonCondition[];
    }
  /** TRUE for a number above zero, UNKNOWN for null, else FALSE. */
  | { readonly kind: 'expression'; readonly expression: Expression };

/** TRUE is told of texts only that have all of these words, and of all of them where `isExact`. */
export interface WordTest {
  readonly all: readonly string[];
  readonly isExact: boolean;
}

/** TRUE for numbers in a range or among the points, FALSE for others, `forNull` for null. */
export interface NumberTest {
  readonly ranges: readonly NumberRange[];
  /** By equality: -0 equals 0, NaN equals NaN. */
  readonly points: readonly Long[];
  readonly forNull: Ternary;
}

/** In the order of `compareNumbers`: NaN is the largest, -0 equals 0. Null where open. Of LONG never strict. */
export interface NumberRange {
  readonly lower: Long | null;
  readonly upper: Long | null;
  readonly lowerStrict: boolean;
  readonly upperStrict: boolean;
}

/** All that a test is TRUE for, as ranges: a point is one of a single number. */
export const rangesOf = ({
  ranges,
  points,
}: Pick<NumberTest, 'ranges' | 'points'>): readonly NumberRange[] => [
  ...ranges,
  ...points.map((point) => ({
    lower: point,
    upper: point,
    lowerStrict: false,
    upperStrict: false,
  })),
];
