import { formatDouble, formatFloat, isJsonObject, stringifyJson } from '../../core/index.js';
import {
  complexName,
  complexType,
  elementType,
  isArrayType,
  isComplexType,
  Json,
  type Scalar,
  shownMembers,
  type Value,
  type ValueType,
} from '../../model/index.js';

/**
 * A value as Druid writes it in JSON: LONG with all its digits, DOUBLE and FLOAT always with a
 * fraction or exponent, NaN and infinities as texts, sketches as base64 or what JSON they have, other states as objects.
 */
export function jsonValue(value: Value, type: ValueType): string {
  if (value === null) return 'null';
  if (isComplexType(type)) return jsonComplex(value, type);
  if (typeof value !== 'object') return jsonScalar(value, type);
  if (!Array.isArray(value)) return stringifyJson(value);
  const element = isArrayType(type) ? elementType(type) : type;
  return `[${(value as readonly Scalar[]).map((item) => jsonValue(item, element)).join(',')}]`;
}

function jsonScalar(value: string | number | bigint, type: ValueType): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return String(value);
  if (!Number.isFinite(value)) return `"${value}"`;
  if (type === 'FLOAT') return formatFloat(value);
  // A column that is LONG in most segments may hold a fraction from an older one.
  return type === 'LONG' && Number.isInteger(value) ? String(value + 0) : formatDouble(value);
}

function jsonComplex(value: Value, type: `COMPLEX<${string}>`): string {
  if (value instanceof Json) return value.text;
  if (isPlain(value)) return jsonRecord(value, type);
  const { encode, json } = complexType(complexName(type));
  if (json !== undefined) return stringifyJson(json.shown(value as object));
  const bytes = encode(value as object);
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}"`;
}

/** Members that are doubles are written as such, whole numbers too. */
function jsonRecord(record: Value, type: ValueType): string {
  const types = shownMembers(type);
  if (!isJsonObject(record)) return stringifyJson(record);
  const members = Object.entries(record).map(([name, value]) => {
    const memberType = types[name];
    const text =
      memberType === undefined ? stringifyJson(value) : jsonValue(value as Value, memberType);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${members.join(',')}}`;
}

/** True for JSON structures and for states that are plain records, such as (time, value) pairs. */
function isPlain(value: Value): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
