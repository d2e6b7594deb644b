import { doubleToLong, type Long, parseLong } from '../../core/index.js';
import { parseDouble } from '../decimal.js';
import { Json, type JsonValue, toJsonValue } from '../json/json.js';
import { isJsonScalar, isScalarList, type JsonScalar } from '../json/json-walk.js';
import { scalarText } from '../text.js';
import {
  type ArrayType,
  elementType,
  isArrayType,
  isComplexType,
  JSON_TYPE,
  type Scalar,
  type ScalarType,
  type Value,
  type ValueType,
} from '../types.js';

type NotNull = Exclude<Scalar, null>;
type ScalarCast = (value: NotNull) => Scalar;
type Cast = (value: Value) => Value;

/**
 * A value of one type as a value of another:
 *
 *   text to number     null when it spells none; to LONG also by way of a double (`1.9` is 1)
 *   DOUBLE to LONG     truncated toward zero, NaN is 0, saturating
 *   number to text     as Java prints it: `1.0`
 *   scalar to array    a list of one; null stays null
 *   array to scalar    its only element; null when there are none or several
 *   array to array     element by element; so is a multi-value cell of STRING
 *   COMPLEX<json>      what it holds, likewise: whole numbers as LONG, others as DOUBLE, true as 1 or `true`; null for
 *                      objects, and lists that hold objects or lists. Whatever is not COMPLEX becomes JSON
 *   other COMPLEX      only to itself, else null
 */
export function castValue(value: Value, from: ValueType, to: ValueType): Value {
  return valueCaster(from, to)(value);
}

const casters = new Map<string, Cast>();

/** `castValue` with the types looked up beforehand. */
export function valueCaster(from: ValueType, to: ValueType): Cast {
  const key = `${from} ${to}`;
  const known = casters.get(key);
  if (known !== undefined) return known;
  const caster = makeCaster(from, to);
  // Names of complex types come from outside and are without end.
  if (!isComplexType(from) && !isComplexType(to)) casters.set(key, caster);
  return caster;
}

function makeCaster(from: ValueType, to: ValueType): Cast {
  if (from === to) return (value) => value;
  if (from === JSON_TYPE && !isComplexType(to)) {
    const cast = jsonCaster(to);
    return (value) => (value === null ? null : cast((value as Json).value));
  }
  if (to === JSON_TYPE && !isComplexType(from)) return (value) => Json.of(toJsonValue(value));
  if (isComplexType(from) || isComplexType(to)) return () => null;
  const one = scalarCaster(
    isArrayType(from) ? elementType(from) : from,
    isArrayType(to) ? elementType(to) : to,
  );
  const each = (list: readonly Scalar[]) => list.map((element) => nullable(one, element));
  if (isArrayType(to)) {
    return (value) =>
      Array.isArray(value) ? each(value) : value === null ? null : [one(value as NotNull)];
  }
  if (isArrayType(from)) {
    return (value) =>
      Array.isArray(value) && value.length === 1 ? nullable(one, value[0] as Scalar) : null;
  }
  return (value) => (Array.isArray(value) ? each(value) : nullable(one, value as Scalar));
}

/** The cast of `COMPLEX<json>`, of JSON by itself. */
export function jsonCaster(to: ScalarType | ArrayType): (value: JsonValue) => Value {
  const one = jsonScalarCaster(isArrayType(to) ? elementType(to) : to);
  if (isArrayType(to)) {
    return (value) => {
      if (value === null) return null;
      if (isJsonScalar(value)) return [one(value)];
      return isScalarList(value) ? value.map(one) : null;
    };
  }
  return (value) => {
    if (isJsonScalar(value)) return one(value);
    return isScalarList(value) && value.length === 1 ? one(value[0]!) : null;
  };
}

function jsonScalarCaster(to: ScalarType): (value: JsonScalar) => Scalar {
  const [ofText, ofLong, ofDouble] = (['STRING', 'LONG', 'DOUBLE'] as const).map((from) =>
    from === to ? (value: NotNull) => value : scalarCaster(from, to),
  );
  return (value) => {
    switch (typeof value) {
      case 'string':
        return ofText!(value);
      case 'number':
        return Number.isSafeInteger(value) ? ofLong!(value) : ofDouble!(value);
      case 'bigint':
        return ofLong!(value);
      case 'boolean':
        return to === 'STRING' ? String(value) : Number(value);
      default:
        return null;
    }
  };
}

const nullable = (cast: ScalarCast, value: Scalar): Scalar => (value === null ? null : cast(value));

function scalarCaster(from: ScalarType, to: ScalarType): ScalarCast {
  switch (to) {
    case 'STRING':
      return (value) => scalarText(value, from);
    case 'LONG':
      return from === 'STRING' ? (value) => textToLong(value as string) : numberToLong;
    case 'DOUBLE':
      return from === 'STRING' ? (value) => parseDouble(value as string) : Number;
    case 'FLOAT':
      return from === 'STRING'
        ? (value) => rounded(parseDouble(value as string))
        : (value) => Math.fround(Number(value));
  }
}

const numberToLong = (value: NotNull): Long =>
  typeof value === 'number' ? doubleToLong(value) : (value as bigint);

const rounded = (value: number | null): number | null =>
  value === null ? null : Math.fround(value);

/** Exact for the digits of a 64-bit integer, else through a double; null when the text is no number. */
export function textToLong(text: string): Long | null {
  const exact = parseLong(text);
  if (exact !== null) return exact;
  const double = parseDouble(text);
  return double === null ? null : doubleToLong(double);
}
