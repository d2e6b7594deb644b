import { formatFloat, parseJson } from '../../core/index.js';
import {
  elementType,
  isArrayType,
  isComplexType,
  type Value,
  type ValueType,
} from '../../model/index.js';
import { jsonValue } from '../json/json-values.js';

/**
 * A value as its JSON would be read, but for integers of 64 bits, which are a bigint where 32 bits do not hold them: so they
 * are written as integers, exactly, by formats that tell them from doubles.
 */
export function plainValue(value: Value, type: ValueType): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'bigint') return value;
  if (typeof value === 'number') return plainNumber(value, type);
  if (isComplexType(type) || !Array.isArray(value)) return parseJson(jsonValue(value, type));
  const element = isArrayType(type) ? elementType(type) : type;
  return value.map((item: Value) => plainValue(item, element));
}

function plainNumber(value: number, type: ValueType): unknown {
  if (!Number.isFinite(value)) return String(value);
  if (type === 'FLOAT') return Number(formatFloat(value));
  if (type !== 'LONG' || !Number.isInteger(value)) return value;
  return value === (value | 0) ? value + 0 : BigInt(value);
}
