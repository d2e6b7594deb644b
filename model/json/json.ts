import {
  isJsonObject,
  LONG_MAX,
  LONG_MIN,
  parseJson,
  stringifyJson,
  toLong,
  utf8Decode,
  utf8Encode,
} from '../../core/index.js';

/**
 * A JSON value in the one form that we know it in: integers are canonical Longs, other numbers finite doubles, -0 is 0,
 * texts are what UTF-8 can hold.
 */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A cell of a COMPLEX<json> column. JSON's null is a null cell, so this is never one. */
export class Json {
  #text: string | null;
  #value: JsonValue | undefined;

  private constructor(text: string | null, value: JsonValue | undefined) {
    this.#text = text;
    this.#value = value;
  }

  /** `text` is what `text` of an equal cell gave; it is parsed when its value is asked for. */
  static ofText(text: string): Json {
    return new Json(text, undefined);
  }

  /** Null for null. */
  static of(value: JsonValue): Json | null {
    return value === null ? null : new Json(null, value);
  }

  get value(): JsonValue {
    this.#value ??= parseJson(this.#text!) as JsonValue;
    return this.#value;
  }

  /** JSON without blanks, members in the order in which they came: equal for equal cells. */
  get text(): string {
    this.#text ??= stringifyJson(this.#value);
    return this.#text;
  }

  /** So that results may hold it. */
  toJSON(): unknown {
    return this.value;
  }
}

export const isJsonMap = (value: JsonValue): value is { readonly [key: string]: JsonValue } =>
  isJsonObject(value) && !Array.isArray(value);

/**
 * What input becomes as JSON: dates are ISO-8601 texts, bytes base64, integers beyond 64 bits doubles, numbers that JSON
 * does not have null, members that are undefined are left out. What is in form already is not copied.
 */
export function toJsonValue(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
      return SURROGATE.test(value) ? utf8Decode(utf8Encode(value)) : value;
    case 'number':
      return numberValue(value);
    case 'bigint':
      return value < LONG_MIN || value > LONG_MAX ? Number(value) : toLong(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : objectValue(value);
    default:
      return null;
  }
}

const SURROGATE = /[\ud800-\udfff]/;

/** A whole double is the integer that its digits say. */
function numberValue(value: number): JsonValue {
  if (!Number.isFinite(value)) return null;
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value + 0;
  const wide = BigInt(value);
  return wide < LONG_MIN || wide > LONG_MAX ? value : wide;
}

function objectValue(value: object): JsonValue {
  if (Array.isArray(value)) return mappedList(value);
  if (value instanceof Json) return value.value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return mappedObject(value as Readonly<Record<string, unknown>>);
}

function mappedList(list: readonly unknown[]): JsonValue {
  const mapped = Array.from(list, toJsonValue);
  const isReady = mapped.every((value, i) => Object.is(value, list[i]));
  return isReady ? (list as readonly JsonValue[]) : mapped;
}

function mappedObject(object: Readonly<Record<string, unknown>>): JsonValue {
  const keys = Object.keys(object);
  const values = keys.map((key) => toJsonValue(object[key]));
  const isReady = keys.every(
    (key, i) => toJsonValue(key) === key && Object.is(values[i], object[key]),
  );
  if (isReady) return object as { readonly [key: string]: JsonValue };
  const copy = emptyJsonMap();
  for (const [i, key] of keys.entries()) {
    if (object[key] !== undefined) copy[toJsonValue(key) as string] = values[i]!;
  }
  return copy;
}

/** An object without a prototype, so that `__proto__` is a member like any other. */
export const emptyJsonMap = (): Record<string, JsonValue> =>
  Object.create(null) as Record<string, JsonValue>;
