import { LONG_MAX, LONG_MIN } from '../../core/index.js';
import {
  type AutoType,
  autoTypeOfColumn,
  isArrayType,
  JSON_TYPE,
  joinAutoTypes,
  type Value,
  type ValueType,
} from '../../model/index.js';
import { DOUBLE, LONG, OTHER, TEXT, TIME, WIDE } from '../input/ndjson/tags.js';
import type { TokenColumn } from '../input/ndjson/token-column.js';
import { toArrayCell, toJsonCell, toText } from './coerce.js';
import {
  BIGINTS,
  DOUBLES,
  isTyped,
  kindOf,
  LISTS,
  LONGS,
  NULLS,
  type RawColumn,
  TEXTS,
} from './raw-column.js';

/** What the kept rows of a field hold, for a column that has no type of its own. */
export function autoTypeOf(field: RawColumn, kept: Uint32Array): AutoType {
  if (isTyped(field)) return typeOfTyped(field.type, field.values, kept);
  if (field.tokens !== null) return typeOfTokens(field.tokens, kept);
  const { values, doubles } = field;
  let type: AutoType = 'NOTHING';
  for (let i = 0; i < kept.length && type !== JSON_TYPE; i++) {
    const row = kept[i]!;
    type = joinAutoTypes(type, typeOfValue(values[row], doubles !== null && doubles[row] === 1));
  }
  return type;
}

/** Of values of one type: lists without elements, and nulls, fit more than that. */
function typeOfTyped(type: ValueType, values: ArrayLike<unknown>, kept: Uint32Array): AutoType {
  let seen: AutoType = 'NOTHING';
  for (let i = 0; i < kept.length; i++) {
    const value = values[kept[i]!] ?? null;
    if (value === null) continue;
    if (!Array.isArray(value) || value.some((element) => element !== null)) {
      return autoTypeOfColumn(type);
    }
    seen = 'LISTS';
  }
  return seen;
}

/** By tag bit: what the values are that have it. */
const TYPES_BY_TAG: readonly (readonly [tag: number, type: AutoType])[] = [
  [TEXT | TIME, 'STRING'],
  [LONG | WIDE, 'LONG'],
  [DOUBLE, 'DOUBLE'],
];

function typeOfTokens(tokens: TokenColumn, kept: Uint32Array): AutoType {
  const { tags, ids, others } = tokens;
  const mask = kept.length === tags.length ? tokens.mask : maskOf(tags, kept);
  let type: AutoType = 'NOTHING';
  for (const [tag, own] of TYPES_BY_TAG) if ((mask & tag) !== 0) type = joinAutoTypes(type, own);
  if ((mask & OTHER) === 0) return type;
  if (tokens.hasOnlyBooleans) return joinAutoTypes(type, 'STRING');
  for (let i = 0; i < kept.length && type !== JSON_TYPE; i++) {
    const row = kept[i]!;
    if (tags[row] === OTHER) type = joinAutoTypes(type, typeOfValue(others[ids[row]!], false));
  }
  return type;
}

function maskOf(tags: Uint8Array, kept: Uint32Array): number {
  let mask = 0;
  for (let i = 0; i < kept.length; i++) mask |= tags[kept[i]!]!;
  return mask;
}

function typeOfValue(value: unknown, isDouble: boolean): AutoType {
  switch (kindOf(value, isDouble)) {
    case NULLS:
      return 'NOTHING';
    case TEXTS:
      return 'STRING';
    case LONGS:
      return 'LONG';
    case BIGINTS:
      return (value as bigint) < LONG_MIN || (value as bigint) > LONG_MAX ? 'DOUBLE' : 'LONG';
    case DOUBLES:
      return 'DOUBLE';
    case LISTS:
      return typeOfList(value as readonly unknown[]);
    default:
      return isText(value) ? 'STRING' : JSON_TYPE;
  }
}

/** Booleans too, as in any other column of texts. */
const isText = (value: unknown): boolean =>
  typeof value === 'boolean' || value instanceof Date || value instanceof Uint8Array;

/** A cell of such a column that has become JSON: what is text in a column of texts is text here too. */
export function autoJsonCell(value: unknown): Value | undefined {
  const own = typeOfValue(value, false);
  if (own === 'STRING') return toJsonCell(toText(value, false));
  return toJsonCell(own === 'ARRAY<STRING>' ? textsOf(value) : value);
}

const textsOf = toArrayCell('ARRAY<STRING>');

const isListType = (type: AutoType): boolean => type === 'LISTS' || isArrayType(type);

/** A list whose elements are no scalars of one type is JSON. */
function typeOfList(list: readonly unknown[]): AutoType {
  let type: AutoType = 'NOTHING';
  for (const element of list) {
    const own = typeOfValue(element, false);
    if (isListType(own)) return JSON_TYPE;
    type = joinAutoTypes(type, own);
    if (type === JSON_TYPE) return type;
  }
  return joinAutoTypes('LISTS', type);
}
