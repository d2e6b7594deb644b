import {
  compareText,
  LONG_MAX,
  LONG_MIN,
  type Long,
  longCompare,
  toLong,
} from '../../../../../core/index.js';
import { isEqual, isNumber, isRecord, memberOf } from '../values.js';

/** What a filter finds wrong with a value. */
export class JqError extends RangeError {}

/** Longer texts and lists are not made. */
const MAX_LENGTH = 1_000_000;

/** `a operator b`, as jq has it. */
export function compute(operator: string, a: unknown, b: unknown): unknown {
  switch (operator) {
    case '+':
      return add(a, b);
    case '-':
      if (Array.isArray(a) && Array.isArray(b)) {
        return a.filter((item) => !b.some((other) => isEqual(item, other)));
      }
      return numeric(operator, a, b);
    case '*':
      return multiply(a, b);
    case '/':
      if (typeof a === 'string' && typeof b === 'string') return splitText(a, b);
      return numeric(operator, a, b);
    case '%':
      return numeric(operator, a, b);
    default:
      return compareBy(operator, compare(a, b));
  }
}

function compareBy(operator: string, order: number): boolean {
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

export function add(a: unknown, b: unknown): unknown {
  if (a === null || a === undefined) return b;
  if (b === null || b === undefined) return a;
  if (typeof a === 'string' && typeof b === 'string') return bounded(a + b);
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length + b.length > MAX_LENGTH) throw new JqError('the list becomes too long');
    return [...a, ...b];
  }
  if (isRecord(a) && isRecord(b)) return { ...a, ...b };
  return numeric('+', a, b);
}

function multiply(a: unknown, b: unknown): unknown {
  if (typeof a === 'string' && isNumber(b)) return repeated(a, Number(b));
  if (isNumber(a) && typeof b === 'string') return repeated(b, Number(a));
  if (isRecord(a) && isRecord(b)) return merged(a, b);
  return numeric('*', a, b);
}

function repeated(text: string, times: number): string | null {
  if (!(times > 0)) return null;
  if (text.length * times > MAX_LENGTH) throw new JqError('the text becomes too long');
  return text.repeat(Math.max(1, Math.trunc(times)));
}

/** Objects in both are merged in turn. */
function merged(a: object, b: object): object {
  const members = Object.entries(b).map(([key, value]) => {
    const old = memberOf(a, key);
    return [key, isRecord(old) && isRecord(value) ? merged(old, value) : value];
  });
  // Whatever its name, a member is the object's own.
  return { ...a, ...Object.fromEntries(members) };
}

function numeric(operator: string, a: unknown, b: unknown): Long {
  if (!isNumber(a) || !isNumber(b)) {
    throw new JqError(`${typeName(a)} and ${typeName(b)} cannot be the operands of ${operator}`);
  }
  if ((operator === '/' || operator === '%') && Number(b) === 0)
    throw new JqError('division by zero');
  if (operator === '/') return Number(a) / Number(b);
  if (operator === '%') return remainder(a, b);
  return isWhole(a) && isWhole(b) ? exact(operator, a, b) : plain(operator, Number(a), Number(b));
}

const isWhole = (value: Long): boolean => typeof value === 'bigint' || Number.isSafeInteger(value);

const plain = (operator: string, a: number, b: number): number =>
  operator === '+' ? a + b : operator === '-' ? a - b : a * b;

/** Integers stay exact as long as they fit 64 bits. */
function exact(operator: string, a: Long, b: Long): Long {
  const double = plain(operator, Number(a), Number(b));
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(double)) return double;
  const [x, y] = [BigInt(a), BigInt(b)];
  const value = operator === '+' ? x + y : operator === '-' ? x - y : x * y;
  return value > LONG_MAX || value < LONG_MIN ? double : toLong(value);
}

/** Of the whole parts, with the sign of the first. */
function remainder(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const divisor = Math.trunc(b);
    if (divisor === 0) throw new JqError('division by zero');
    return (Math.trunc(a) % divisor) + 0;
  }
  return toLong(BigInt(a) % BigInt(b));
}

export function splitText(text: string, separator: string): readonly string[] {
  return text === '' ? [] : text.split(separator);
}

function bounded(text: string): string {
  if (text.length > MAX_LENGTH) throw new JqError('the text becomes too long');
  return text;
}

/** jq's names of types. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isNumber(value)) return 'number';
  return typeof value;
}

/** null, false, true, numbers, texts, lists, objects: in this order. */
export function compare(a: unknown, b: unknown): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (isNumber(a) && isNumber(b)) return longCompare(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  if (!isRecord(a) || !isRecord(b)) return 0;
  const [names, others] = [Object.keys(a).sort(compareText), Object.keys(b).sort(compareText)];
  const order = compareLists(names, others);
  return order !== 0
    ? order
    : compareLists(
        names.map((name) => a[name]),
        others.map((name) => b[name]),
      );
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compare(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function rankOf(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === 'boolean') return value ? 2 : 1;
  if (isNumber(value)) return 3;
  if (typeof value === 'string') return 4;
  return Array.isArray(value) ? 5 : 6;
}

/** Null and false are not true, all else is. */
export const isTrue = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== false;

/** The members or items of a value. */
export function each(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isRecord(value)) return Object.values(value);
  throw new JqError(`${typeName(value)} has no items`);
}
