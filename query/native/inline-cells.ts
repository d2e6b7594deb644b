import { doubleToLong, isJsonObject } from '../../core/index.js';
import {
  castValue,
  isComplexType,
  Json,
  toJsonValue,
  type Value,
  type ValueType,
} from '../../model/index.js';
import { badField, shown } from './fields.js';

/** The type that holds every given value: LONG and DOUBLE where all are numbers, JSON where there is an object, else STRING. */
export function inferType(cells: readonly unknown[]): ValueType {
  const present = cells.filter((cell) => cell !== null && cell !== undefined);
  const every = (test: (cell: unknown) => boolean) => present.length > 0 && present.every(test);
  if (every(isLong)) return 'LONG';
  if (every((cell) => typeof cell === 'number' || typeof cell === 'bigint')) return 'DOUBLE';
  return present.some(isJsonObject) ? 'COMPLEX<json>' : 'STRING';
}

const isLong = (cell: unknown): boolean =>
  typeof cell === 'bigint'
    ? BigInt.asIntN(64, cell) === cell
    : Number.isInteger(cell) && Math.abs(cell as number) < 2 ** 63;

const NON_FINITE = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/** Reads a cell of inline rows as one of a column of that type. Throws a UserError that names `field`. */
export function readCell(cell: unknown, type: ValueType, field: string): Value {
  if (cell === null || cell === undefined) return null;
  if (type === 'COMPLEX<json>') return cell instanceof Json ? cell : Json.of(toJsonValue(cell));
  if (typeof cell === 'boolean') return castValue(Number(cell), 'LONG', type);
  if (Array.isArray(cell)) return readList(cell, type, field);
  if (typeof cell === 'object') return readObject(cell, type, field);
  if (typeof cell === 'string') {
    const special = type === 'DOUBLE' || type === 'FLOAT' ? NON_FINITE.get(cell) : undefined;
    return special ?? castValue(cell, 'STRING', type);
  }
  return readNumber(cell as number | bigint, type);
}

function readNumber(number: number | bigint, type: ValueType): Value {
  // A text column takes an integer by its digits; a double of the same value would gain a ".0".
  if (type === 'DOUBLE' || type === 'FLOAT') return castValue(Number(number), 'DOUBLE', type);
  if (!isLong(number)) return castValue(Number(number), 'DOUBLE', type);
  return castValue(typeof number === 'number' ? doubleToLong(number) : number, 'LONG', type);
}

/** States of aggregators come from queries over inline rows that were made of others. */
function readObject(cell: object, type: ValueType, field: string): Value {
  if (isComplexType(type)) return cell;
  throw badField(
    field,
    `want a value of type ${type}, or a column of COMPLEX<json>; got ${shown(cell)}`,
  );
}

/** A list in a STRING column is a multi-value cell: of none it is null, of one it is that text. */
function readList(cell: readonly unknown[], type: ValueType, field: string): Value {
  const nested = cell.find((item) => typeof item === 'object' && item !== null);
  if (nested !== undefined)
    throw badField(field, `want a list of values; got ${shown(nested)} in it`);
  if (type === 'STRING') {
    const texts = cell.map((item) => (item === null ? null : String(item)));
    return texts.length > 1 ? texts : (texts[0] ?? null);
  }
  if (!type.startsWith('ARRAY<')) throw badField(field, `want one ${type}; got ${shown(cell)}`);
  const element = type.slice(6, -1) as ValueType;
  return cell.map((item) => readCell(item, element, field)) as Value;
}
