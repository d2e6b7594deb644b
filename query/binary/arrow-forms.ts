import {
  Bool,
  type DataType,
  Field,
  Float32,
  Float64,
  Int64,
  List,
  TimestampMillisecond,
  Utf8,
} from 'apache-arrow';
import { isComplexType, JSON_TYPE, type Value } from '../../model/index.js';
import { jsonValue } from '../json/json-values.js';
import type { ArrowColumn } from './arrow-answers.js';

/** A type of Arrow that a column may have, and how its values are given to the library. Nulls are not asked about. */
export interface Form {
  readonly type: DataType;
  fits(value: Value): boolean;
  cell(value: Value): unknown;
}

const isNumber = (value: Value): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

const isInteger = (value: Value): boolean =>
  typeof value === 'bigint' ||
  (Number.isInteger(value) && Math.abs(Number(value)) <= 2 ** 63 - 1024);

const LONG: Form = {
  type: new Int64(),
  fits: isInteger,
  cell: (value) => BigInt(value as number | bigint),
};
const DOUBLE: Form = { type: new Float64(), fits: isNumber, cell: Number };
const FLOAT: Form = { type: new Float32(), fits: isNumber, cell: Number };
const TRUTH: Form = { type: new Bool(), fits: isNumber, cell: (value) => Number(value) > 0 };
const TEXT: Form = {
  type: new Utf8(),
  fits: (value) => typeof value === 'string',
  cell: (value) => value,
};

const listOf = ({ type, fits, cell }: Form): Form => ({
  type: new List(new Field('item', type, true)),
  fits: (value) => Array.isArray(value) && value.every((item) => item === null || fits(item)),
  cell: (value) => (value as readonly Value[]).map((item) => (item === null ? null : cell(item))),
});

/** Of texts: a value that is no list is a list of it. */
const TEXTS: Form = {
  ...listOf(TEXT),
  fits: (value) => [value].flat().every((item) => item === null || typeof item === 'string'),
  cell: (value) => [value].flat(),
};

const instant = (timeZone: string): Form => ({
  type: new TimestampMillisecond(timeZone),
  fits: (value) => Number.isSafeInteger(value),
  cell: (value) => value,
});

/** What fits any value: its text, which is that of its JSON where it is none. */
const anything = ({ type }: ArrowColumn): Form => ({
  type: new Utf8(),
  fits: () => true,
  cell: (value) => {
    const json = jsonValue(value, type);
    return type !== JSON_TYPE && json.startsWith('"') ? JSON.parse(json) : json;
  },
});

/** The first form of its type that all values of the column fit: a multi-value column is one of lists, and sketches are texts. */
export function formOf(column: ArrowColumn, timeZone: string, values: () => Iterable<Value>): Form {
  return formsOf(column, timeZone).find(({ fits }) => all(values(), fits)) ?? anything(column);
}

function formsOf({ type, meaning }: ArrowColumn, timeZone: string): readonly Form[] {
  if (isComplexType(type)) return [];
  switch (type) {
    case 'LONG':
      return [...meant(meaning, timeZone), LONG, DOUBLE];
    case 'DOUBLE':
      return [DOUBLE];
    case 'FLOAT':
      return [FLOAT];
    case 'STRING':
      return [TEXT, TEXTS];
    case 'ARRAY<STRING>':
      return [TEXTS];
    case 'ARRAY<LONG>':
      return [listOf(LONG), listOf(DOUBLE)];
    case 'ARRAY<DOUBLE>':
      return [listOf(DOUBLE)];
  }
}

function meant(meaning: ArrowColumn['meaning'], timeZone: string): readonly Form[] {
  if (meaning === null) return [];
  return [meaning === 'instant' ? instant(timeZone) : TRUTH];
}

function all(values: Iterable<Value>, fits: (value: Value) => boolean): boolean {
  for (const value of values) if (value !== null && !fits(value)) return false;
  return true;
}
