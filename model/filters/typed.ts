import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { parseDouble } from '../decimal.js';
import { memoised } from '../rows.js';
import type { Interval } from '../time/interval.js';
import {
  type ArrayType,
  elementType,
  isArrayType,
  type Scalar,
  type ScalarType,
  type Value,
} from '../types.js';
import { anyElement, type ElementTest, scalarTypeOf, valuesForm } from './column-filter.js';
import { FALSE, type Filter, type NumberTest, type Ternary, TRUE, UNKNOWN } from './filter.js';
import { literalText, typedText } from './literal.js';
import type { TextTest } from './text-test.js';

/** What `matchValueType` may be. */
export const matchTypeSpec = z.enum(
  ['STRING', 'LONG', 'FLOAT', 'DOUBLE', 'ARRAY<STRING>', 'ARRAY<LONG>', 'ARRAY<DOUBLE>'],
  { error: 'want STRING, LONG, FLOAT, DOUBLE or ARRAY<STRING>, ARRAY<LONG>, ARRAY<DOUBLE>' },
);
export type MatchType = z.output<typeof matchTypeSpec>;

const scalarSpec = z.union([z.string(), z.number(), z.bigint(), z.boolean()]);
export const matchValueSpec = z.union([scalarSpec, z.array(scalarSpec.nullable())], {
  error: 'want a value of matchValueType (for null, use the filter type "null")',
});

export type MatchList = readonly (string | null)[];

/** A match value as texts of its declared type; a scalar is a list of one. Throws a UserError where one is no value of it. */
export function matchList(
  value: z.output<typeof matchValueSpec>,
  type: MatchType,
  field: string,
): MatchList {
  const scalarType = isArrayType(type) ? elementType(type) : type;
  const values = Array.isArray(value) ? value : [value];
  return values.map((element) => {
    if (element === null) return null;
    if (scalarType !== 'STRING' && typeof element === 'string' && parseDouble(element) === null) {
      throw new UserError(
        `${field}: want a value of the type ${type}; got ${JSON.stringify(element)}`,
        'query',
        field,
      );
    }
    return typedText(element, scalarType);
  });
}

/**
 * The match list as values of a column's element type; null when no cell can equal it. Null
 * elements equal null elements.
 */
export function listLiteral(list: MatchList, type: ScalarType): readonly Scalar[] | null {
  const literals = list.map((text) => (text === null ? null : literalText(text, type)));
  const impossible = literals.some((literal, i) => literal === null && list[i] !== null);
  return impossible ? null : literals;
}

/** Text that two lists share exactly when they are equal. */
export const listKey = (list: readonly Scalar[]): string =>
  list.map((value) => (value === null ? 'null' : JSON.stringify(String(value)))).join();

export interface TypedFilterOptions {
  readonly spec: JsonObject;
  readonly column: string;
  readonly intervals: readonly Interval[] | null;
  readonly testOf: (type: ScalarType) => ElementTest;
  /** The test of numbers as data; null where there is none. */
  readonly numbersOf?: (type: Exclude<ScalarType, 'STRING'>) => NumberTest | null;
  /** The test of texts as data; null where there is none. */
  readonly texts?: TextTest | null;
  readonly listTestOf: (type: ArrayType) => (list: readonly Scalar[]) => boolean;
  /** What is said of an ARRAY that is null; UNKNOWN unless given. */
  readonly forNullList?: Ternary;
}

/** A filter that tests elements of a scalar or multi-value column, and whole lists of an ARRAY column. */
export function typedFilter(options: TypedFilterOptions): Filter {
  const { spec, column, intervals, forNullList = UNKNOWN } = options;
  return {
    spec,
    inputs: [column],
    ...(intervals ? { intervals } : {}),
    form: valuesForm(options),
    predicate(source) {
      const reader = source.column(column);
      if (!isArrayType(reader.type)) {
        const type = scalarTypeOf(reader.type);
        return type === null ? () => UNKNOWN : memoised(reader, anyElement(options.testOf(type)));
      }
      const test = options.listTestOf(reader.type);
      return memoised(reader, (cell: Value) =>
        cell === null ? forNullList : test(cell as readonly Scalar[]) ? TRUE : FALSE,
      );
    },
  };
}
