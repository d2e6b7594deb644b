import { compareText } from '../core/index.js';
import { compareAlphanumeric } from './alphanumeric-order.js';
import { compareDecimals, parseDecimal } from './decimal.js';
import { scalarText } from './text.js';
import { isNumericType, type Scalar, type Value, type ValueType } from './types.js';
import { compareVersions } from './version-order.js';

/** Druid's string comparators, and `natural`: the order of the type itself. */
export const ORDERINGS = [
  'lexicographic',
  'numeric',
  'alphanumeric',
  'strlen',
  'version',
  'natural',
] as const;
export type Ordering = (typeof ORDERINGS)[number];

export type Comparator = (a: Value, b: Value) => number;

/**
 * Druid's comparator of that name over values of `type`; nulls first. All but `natural` compare
 * the text of a value, so that LONG 10 comes before LONG 9 in lexicographic order.
 */
export function compareBy(order: Ordering, type: ValueType = 'STRING'): Comparator {
  if (order === 'natural') return compareNatural;
  // The texts of two LONGs are in the order of the numbers.
  if (order === 'numeric' && type === 'LONG') return compareValues(type);
  const compare = TEXT_ORDERS[order];
  return (a, b) => {
    const left = cellText(a, type);
    const right = cellText(b, type);
    if (left === null || right === null) return nullsFirst(left, right);
    return compare(left, right);
  };
}

/** The natural order of values of one type, nulls first; lists element by element, shorter first. */
export function compareValues(type: ValueType): Comparator {
  if (type === 'STRING') return nullable<string>(compareText);
  return isNumericType(type) ? nullable(compareNumbers) : compareNatural;
}

/** For cells that are known to be null or of one kind; lists among them fall back to the natural order. */
const nullable =
  <T extends string | number | bigint>(compare: (a: T, b: T) => number): Comparator =>
  (a, b) =>
    typeof a === 'object' || typeof b === 'object' ? compareNatural(a, b) : compare(a as T, b as T);

const TEXT_ORDERS: Record<Exclude<Ordering, 'natural'>, (a: string, b: string) => number> = {
  lexicographic: compareText,
  numeric: compareNumeric,
  alphanumeric: compareAlphanumeric,
  strlen: (a, b) => a.length - b.length || compareText(a, b),
  version: compareVersions,
};

/** By exact decimal value; text that spells no number comes first, among itself in text order. */
function compareNumeric(a: string, b: string): number {
  const left = parseDecimal(a);
  const right = parseDecimal(b);
  if (left === null && right === null) return compareText(a, b);
  if (left === null || right === null) return nullsFirst(left, right);
  return compareDecimals(left, right);
}

function compareNatural(a: Value, b: Value): number {
  if (a === null || b === null) return nullsFirst(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  return rank(a) - rank(b);
}

/** Exact between doubles and 64-bit integers; NaN is the largest and equals itself; -0 equals 0. */
export function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function compareLists(a: readonly Scalar[], b: readonly Scalar[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const order = compareNatural(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Values of different kinds meet only where types were mixed: numbers, text, lists, objects. */
function rank(value: string | number | bigint | object): number {
  if (isNumber(value)) return 0;
  if (typeof value === 'string') return 1;
  return Array.isArray(value) ? 2 : 3;
}

const isNumber = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

const nullsFirst = (a: unknown, b: unknown): number => Number(a !== null) - Number(b !== null);

function cellText(value: Value, type: ValueType): string | null {
  if (Array.isArray(value)) return value.map((element) => scalarText(element, type)).join(',');
  return typeof value === 'object' && value !== null ? '' : scalarText(value as Scalar, type);
}
