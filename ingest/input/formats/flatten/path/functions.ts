import { longAdd, longCompare } from '../../../../../core/index.js';
import { isNumber, isRecord } from '../values.js';

type PathFunction = (values: readonly unknown[], value: unknown) => unknown;

/** One line per function, of the values it is called for, and of the one value that they may be in; null: there is no answer. */
const FUNCTIONS: ReadonlyMap<string, PathFunction> = new Map<string, PathFunction>([
  ['length', (values, value) => (isRecord(value) ? Object.keys(value).length : values.length)],
  ['size', (values, value) => (isRecord(value) ? Object.keys(value).length : values.length)],
  ['keys', (_, value) => (isRecord(value) ? Object.keys(value) : null)],
  [
    'concat',
    (values) => values.filter((value) => typeof value === 'string' || isNumber(value)).join(''),
  ],
  ['first', (values) => values[0] ?? null],
  ['last', (values) => values.at(-1) ?? null],
  [
    'min',
    (values) =>
      ofNumbers(values, (numbers) => numbers.reduce((a, b) => (longCompare(b, a) < 0 ? b : a))),
  ],
  [
    'max',
    (values) =>
      ofNumbers(values, (numbers) => numbers.reduce((a, b) => (longCompare(b, a) > 0 ? b : a))),
  ],
  ['sum', (values) => ofNumbers(values, sum)],
  ['avg', (values) => ofNumbers(values, (numbers) => Number(sum(numbers)) / numbers.length)],
  ['stddev', (values) => ofNumbers(values, deviation)],
]);

export const isFunction = (name: string): boolean => FUNCTIONS.has(name);

/** Calls a function for its arguments, whose lists count item by item, or, without any, for what a path has found. */
export function callFunction(
  name: string,
  found: readonly unknown[],
  given: readonly unknown[],
): unknown {
  if (given.length > 0) return FUNCTIONS.get(name)!(given.flat(), undefined);
  const [only] = found;
  if (found.length !== 1) return found.length === 0 ? null : FUNCTIONS.get(name)!(found, undefined);
  if (typeof only === 'string' && (name === 'length' || name === 'size')) return only.length;
  return FUNCTIONS.get(name)!(Array.isArray(only) ? only : [only], only);
}

type Numbers = readonly [number | bigint, ...(number | bigint)[]];

function ofNumbers(values: readonly unknown[], compute: (numbers: Numbers) => unknown): unknown {
  const [first, ...others] = values.filter(isNumber);
  return first === undefined ? null : compute([first, ...others]);
}

/** Exact as long as all are integers. */
function sum(numbers: Numbers): number | bigint {
  const areWhole = numbers.every((n) => typeof n === 'bigint' || Number.isSafeInteger(n));
  return areWhole ? numbers.reduce(longAdd) : numbers.map(Number).reduce((a, b) => a + b);
}

/** Of the whole population. */
function deviation(numbers: Numbers): number {
  const values = numbers.map(Number);
  const mean = values.reduce((a, b) => a + b) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
}
