import { isArrayType, isComplexType, type ValueType } from '../../../model/index.js';

/**
 * The type of an SQL expression. NULL is the type of a bare NULL; intervals are literals only
 * (milliseconds, or months). A multi-value string has type VARCHAR.
 */
export type SqlType =
  | 'NULL'
  | 'VARCHAR'
  | 'BIGINT'
  | 'DOUBLE'
  | 'FLOAT'
  | 'BOOLEAN'
  | 'TIMESTAMP'
  | 'DATE'
  | 'INTERVAL DAY'
  | 'INTERVAL MONTH'
  | SqlArrayType
  | `COMPLEX<${string}>`;

export type SqlArrayType = 'VARCHAR ARRAY' | 'BIGINT ARRAY' | 'DOUBLE ARRAY';

/** Type names of CAST, in capitals, to the type they stand for. */
const NAMES: ReadonlyMap<string, SqlType> = new Map<string, SqlType>([
  ...['CHAR', 'VARCHAR', 'STRING', 'TEXT'].map((name) => [name, 'VARCHAR'] as const),
  ...['TINYINT', 'SMALLINT', 'INT', 'INTEGER', 'BIGINT'].map((name) => [name, 'BIGINT'] as const),
  ...['DECIMAL', 'NUMERIC', 'DEC', 'REAL', 'DOUBLE'].map((name) => [name, 'DOUBLE'] as const),
  ['FLOAT', 'FLOAT'],
  ['BOOLEAN', 'BOOLEAN'],
  ['TIMESTAMP', 'TIMESTAMP'],
  ['DATE', 'DATE'],
]);

/** The type a name in CAST stands for; null when there is none. */
export function sqlTypeOf(name: string): SqlType | null {
  if (!name.endsWith(' ARRAY')) return NAMES.get(name) ?? null;
  const element = NAMES.get(name.slice(0, -' ARRAY'.length));
  return element === undefined ? null : arrayOf(element);
}

/** The array type for elements of a type. */
export function arrayOf(element: SqlType): SqlArrayType {
  if (element === 'DOUBLE' || element === 'FLOAT') return 'DOUBLE ARRAY';
  return element === 'VARCHAR' || element === 'NULL' || isArray(element)
    ? 'VARCHAR ARRAY'
    : 'BIGINT ARRAY';
}

export const isArray = (type: SqlType): type is SqlArrayType => type.endsWith(' ARRAY');

export const elementOf = (type: SqlType): SqlType =>
  isArray(type) ? (type.slice(0, -' ARRAY'.length) as SqlType) : type;

export const isNumber = (type: SqlType): boolean =>
  type === 'BIGINT' || type === 'DOUBLE' || type === 'FLOAT';

export const isTime = (type: SqlType): boolean => type === 'TIMESTAMP' || type === 'DATE';

export const isInterval = (type: SqlType): boolean => type.startsWith('INTERVAL ');

export const isComplex = (type: SqlType): type is `COMPLEX<${string}>` =>
  type.startsWith('COMPLEX<');

/** The type of the values in the engine. */
export function nativeType(type: SqlType): ValueType {
  if (isComplex(type)) return type;
  switch (type) {
    case 'DOUBLE':
    case 'FLOAT':
      return type;
    case 'VARCHAR ARRAY':
      return 'ARRAY<STRING>';
    case 'BIGINT ARRAY':
      return 'ARRAY<LONG>';
    case 'DOUBLE ARRAY':
      return 'ARRAY<DOUBLE>';
    case 'VARCHAR':
    case 'NULL':
      return 'STRING';
    default:
      return 'LONG';
  }
}

/** The SQL type of a stored column; `__time` is the one TIMESTAMP. */
export function columnType(name: string, type: ValueType): SqlType {
  if (name === '__time') return 'TIMESTAMP';
  if (isComplexType(type)) return type;
  if (isArrayType(type)) {
    return type === 'ARRAY<STRING>'
      ? 'VARCHAR ARRAY'
      : type === 'ARRAY<LONG>'
        ? 'BIGINT ARRAY'
        : 'DOUBLE ARRAY';
  }
  return type === 'STRING' ? 'VARCHAR' : type === 'LONG' ? 'BIGINT' : type;
}

/** The one type that values of both types can have in CASE, COALESCE, IN, UNION; null when there is none. */
export function commonType(a: SqlType, b: SqlType): SqlType | null {
  if (a === b || b === 'NULL') return a;
  if (a === 'NULL') return b;
  if (isNumber(a) && isNumber(b)) return 'DOUBLE';
  if (isTime(a) && isTime(b)) return 'TIMESTAMP';
  if (isArray(a) && isArray(b)) return arrayOf(commonType(elementOf(a), elementOf(b)) ?? 'VARCHAR');
  if (isArray(a) || isArray(b) || isComplex(a) || isComplex(b)) return null;
  if (a === 'VARCHAR' || b === 'VARCHAR') return 'VARCHAR';
  return 'BIGINT';
}
