import { arrayOf } from './expressions/coerce.js';
import { type ArrayType, elementType, isArrayType, JSON_TYPE, type ValueType } from './types.js';

/**
 * What the values of an `auto` column are, as far as they were seen. `NOTHING`: all are null; `LISTS`: all are null, or
 * lists without elements, or with null elements only. Both give way to every other type that comes later.
 */
export type AutoType = 'NOTHING' | 'LISTS' | AutoColumnType;

/** The types that `auto` columns are stored as. */
export type AutoColumnType = (typeof COLUMN_TYPES)[number];

const COLUMN_TYPES = [
  'STRING',
  'LONG',
  'DOUBLE',
  'ARRAY<STRING>',
  'ARRAY<LONG>',
  'ARRAY<DOUBLE>',
  JSON_TYPE,
] as const;

const KNOWN: ReadonlySet<unknown> = new Set<AutoType>(['NOTHING', 'LISTS', ...COLUMN_TYPES]);

export const isAutoType = (value: unknown): value is AutoType => KNOWN.has(value);

/** What the values of a column are whose type was chosen; states of aggregators are nothing. */
export function autoTypeOfColumn(type: ValueType): AutoType {
  if (isAutoType(type)) return type;
  return type === 'FLOAT' ? 'DOUBLE' : 'NOTHING';
}

/**
 * The type of a column that has values of both: numbers meet in DOUBLE, scalars and lists of them in a list; all else is
 * JSON. The order in which types are joined does not matter.
 */
export function joinAutoTypes(a: AutoType, b: AutoType): AutoType {
  if (a === b || b === 'NOTHING') return a;
  if (a === 'NOTHING') return b;
  if (a === JSON_TYPE || b === JSON_TYPE) return JSON_TYPE;
  if (a === 'LISTS') return b === 'LISTS' ? a : arrayOf(b);
  if (b === 'LISTS') return arrayOf(a);
  if (!isArrayType(a) && !isArrayType(b)) return joinScalars(a, b) ?? JSON_TYPE;
  const element = joinScalars(scalarOf(a), scalarOf(b));
  return element === null ? JSON_TYPE : arrayOf(element);
}

type Scalar = 'STRING' | 'LONG' | 'DOUBLE';

const scalarOf = (type: Scalar | ArrayType): Scalar =>
  isArrayType(type) ? (elementType(type) as Scalar) : type;

function joinScalars(a: Scalar, b: Scalar): Scalar | null {
  if (a === b) return a;
  return a === 'STRING' || b === 'STRING' ? null : 'DOUBLE';
}

/** The type that such values are stored as. */
export function autoColumnType(type: AutoType): AutoColumnType {
  if (type === 'NOTHING') return 'STRING';
  return type === 'LISTS' ? 'ARRAY<STRING>' : type;
}
