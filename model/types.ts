import type { Long } from '../core/index.js';

/**
 * The types a column, an expression or a result field may have.
 *
 * Text forms are Druid's: `STRING`, `LONG`, `DOUBLE`, `FLOAT`, `ARRAY<LONG>`, `COMPLEX<hyperUnique>`.
 * A multi-value string column has type STRING; that it holds lists is a fact of the column.
 */
export type ScalarType = 'STRING' | 'LONG' | 'DOUBLE' | 'FLOAT';
export type ArrayType = 'ARRAY<STRING>' | 'ARRAY<LONG>' | 'ARRAY<DOUBLE>';
export type ComplexType = `COMPLEX<${string}>`;
export type ValueType = ScalarType | ArrayType | ComplexType;

/**
 * One value in the interpreter.
 *
 *   STRING   string                      (a multi-value cell: an array of string | null, two or more
 *                                         elements; none is null, one is the plain string)
 *   LONG     Long: number when safe, else bigint (core/long.ts); booleans are 1 and 0
 *   DOUBLE   number                      (NaN and infinities allowed)
 *   FLOAT    number, already rounded to 32 bits (Math.fround)
 *   ARRAY    array of scalars, null elements allowed
 *   COMPLEX  the sketch object or other state; of COMPLEX<json> a `Json` (json/json.ts)
 *   NULL     null, in every type; never undefined
 */
export type Scalar = string | Long | null;
export type Value = Scalar | readonly Scalar[] | object;

export const isNumericType = (type: ValueType): boolean =>
  type === 'LONG' || type === 'DOUBLE' || type === 'FLOAT';

export const isArrayType = (type: string): type is ArrayType => type.startsWith('ARRAY<');

/** The type of JSON columns. */
export const JSON_TYPE = 'COMPLEX<json>';

export const isComplexType = (type: ValueType): type is ComplexType => type.startsWith('COMPLEX<');

/** `COMPLEX<hyperUnique>` to `hyperUnique`. */
export const complexName = (type: ComplexType): string => type.slice('COMPLEX<'.length, -1);

/** The element type of an array type. */
export const elementType = (type: ArrayType): ScalarType => type.slice(6, -1) as ScalarType;
