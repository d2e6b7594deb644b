import type { ArrayType, JsonScalar, ScalarType } from '../../model/index.js';
import { JSON_TYPE } from '../../model/index.js';

/** What occurs in a column, as bits that are or-ed: whole numbers that are safe as doubles, or not, other numbers … */
const SAFE = 1;
const WIDE = 2;
const FRACTION = 4;
const TEXT = 8;
const BOOLEAN = 16;
/** A list; what is in it counts apart. */
export const LIST = 32;

export function kindOf(value: Exclude<JsonScalar, null>): number {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? SAFE : FRACTION;
    case 'bigint':
      return WIDE;
    case 'string':
      return TEXT;
    default:
      return BOOLEAN;
  }
}

const isOnly = (kinds: number, allowed: number): boolean => (kinds & ~allowed) === 0;

/**
 * The type of a column that holds what occurs without loss: a safe whole number is the same as a double, and known as
 * whole. COMPLEX<json> where none does.
 */
export function losslessType(
  kinds: number,
  listKinds: number,
): Exclude<ScalarType, 'FLOAT'> | ArrayType | typeof JSON_TYPE {
  if (kinds === LIST) {
    const element = losslessType(listKinds === 0 ? TEXT : listKinds, 0);
    return element === 'LONG' || element === 'DOUBLE' || element === 'STRING'
      ? `ARRAY<${element}>`
      : JSON_TYPE;
  }
  if (isOnly(kinds, SAFE | WIDE)) return 'LONG';
  if (isOnly(kinds, SAFE | FRACTION)) return 'DOUBLE';
  return kinds === TEXT ? 'STRING' : JSON_TYPE;
}
