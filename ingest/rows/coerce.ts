import {
  doubleToLong,
  formatDouble,
  LONG_MAX,
  LONG_MIN,
  type Long,
  parseLong,
  stringifyJson,
  toLong,
} from '../../core/index.js';
import { type ArrayType, Json, type Scalar, toJsonValue, type Value } from '../../model/index.js';

/**
 * What input values become in columns of each type. `undefined` says that the value does not fit:
 * it is stored as null and the row counts as processed with error.
 */

/** A cell of a string column; everything fits. A list becomes a multi-value cell of texts. */
export function toTextCell(value: unknown, isDouble: boolean): Value {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return toText(value, isDouble);
  if (value.length > 1) return value.map((element) => toText(element, false));
  return value.length === 0 ? null : toText(value[0], false);
}

/** The text of one value: whole numbers plain, others as Java prints doubles, objects as JSON. */
export function toText(value: unknown, isDouble: boolean): string | null {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') {
    return !isDouble && Number.isSafeInteger(value) ? String(value) : formatDouble(value);
  }
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return dateText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return stringifyJson(value);
}

/** Null for a date that is none. */
const dateText = (date: Date): string | null =>
  Number.isNaN(date.getTime()) ? null : date.toISOString();

/** A cell of a long column: numbers lose their fraction; a text must be a whole number. */
export function toLongCell(value: unknown): Long | null | undefined {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? value + 0 : doubleToLong(value);
  }
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return parseLong(value) ?? parseIntegralDecimal(value);
  return typeof value === 'bigint' ? canonicalLong(value) : otherNumber(value);
}

/** A cell of a double column. */
export function toDoubleCell(value: unknown): number | null | undefined {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return parseDoubleText(value);
  return typeof value === 'bigint' ? Number(value) : otherNumber(value);
}

/** A cell of a float column. */
export function toFloatCell(value: unknown): number | null | undefined {
  const double = toDoubleCell(value);
  return typeof double === 'number' ? Math.fround(double) : double;
}

/** The input of a numeric metric: texts may have blanks around them and commas in them. */
export function toMetricNumber(value: unknown): Long | null | undefined {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') {
    const text = value.trim().replaceAll(',', '');
    return parseLong(text) ?? parseDoubleText(text);
  }
  return typeof value === 'bigint' ? canonicalLong(value) : otherNumber(value);
}

/**
 * A cell of an array column: each element as in a column of the element's type, null ones kept. A scalar is a list of
 * one; of a list within the list, or of one element that does not fit, none of it does.
 */
export function toArrayCell(type: ArrayType): (value: unknown) => Value | undefined {
  const convert = ELEMENTS[type];
  return (value) => {
    if (value === null || value === undefined) return null;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    const cell: Scalar[] = [];
    for (const each of list) {
      const element = Array.isArray(each) ? undefined : convert(each);
      if (element === undefined) return undefined;
      cell.push(element);
    }
    return cell;
  };
}

const ELEMENTS: Readonly<Record<ArrayType, (value: unknown) => Scalar | undefined>> = {
  'ARRAY<STRING>': (value) => toText(value, false),
  'ARRAY<LONG>': toLongCell,
  'ARRAY<DOUBLE>': toDoubleCell,
};

/** A cell of a JSON column; everything fits. */
export const toJsonCell = (value: unknown): Json | null => Json.of(toJsonValue(value));

/** Booleans are 1 and 0, dates are milliseconds; nothing else stands for a number. */
function otherNumber(value: unknown): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (!(value instanceof Date)) return undefined;
  const ms = value.getTime();
  return Number.isNaN(ms) ? undefined : ms;
}

/** The canonical Long of a bigint; beyond 64 bits it saturates, as a double would. */
export function canonicalLong(value: bigint): Long {
  if (value > LONG_MAX) return LONG_MAX;
  return value < LONG_MIN ? LONG_MIN : toLong(value);
}

/** `42.0`, `4.2e1`: a decimal whose value is whole. */
function parseIntegralDecimal(text: string): Long | undefined {
  const plain = /^([+-]?\d+)\.0*$/.exec(text);
  if (plain !== null) return parseLong(plain[1]!) ?? undefined;
  if (!/^[+-]?\d+(\.\d+)?[eE][+-]?\d{1,3}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value + 0 : undefined;
}

function parseDoubleText(text: string): number | undefined {
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
  return isNumber || /^[+-]?(NaN|Infinity)$/.test(text)
    ? Number(text.replace(/^[+-]NaN$/, 'NaN'))
    : undefined;
}

/** Numbers stay numbers, also in lists; whatever is neither number, text nor list is read as text. */
export function ownValue(value: unknown): Scalar | readonly Scalar[] {
  if (!Array.isArray(value)) return ownScalar(value);
  if (value.length > 1) return value.map(ownScalar);
  return value.length === 0 ? null : ownScalar(value[0]);
}

function ownScalar(value: unknown): Scalar {
  if (typeof value === 'number') return value + 0;
  return typeof value === 'bigint' ? canonicalLong(value) : toText(value, false);
}
