import { isJsonMap, type JsonValue } from './json.js';
import type { JsonPath } from './json-path.js';

export type JsonScalar = null | boolean | number | bigint | string;

export const isJsonScalar = (value: JsonValue): value is JsonScalar =>
  value === null || typeof value !== 'object';

/** A list of which no element is a list or an object. */
export const isScalarList = (value: JsonValue): value is readonly JsonScalar[] =>
  Array.isArray(value) && (value as readonly JsonValue[]).every(isJsonScalar);

/** What lies at the path; null where there is nothing. */
export function jsonAt(value: JsonValue, path: JsonPath): JsonValue {
  let at = value;
  for (const part of path) {
    if (typeof part === 'number') {
      if (!Array.isArray(at)) return null;
      at = (at as readonly JsonValue[]).at(part) ?? null;
    } else {
      if (!isJsonMap(at) || !Object.hasOwn(at, part)) return null;
      at = at[part]!;
    }
  }
  return at;
}

/** The paths of all scalars, in the order of the document. */
export function scalarPaths(value: JsonValue): JsonPath[] {
  const found: JsonPath[] = [];
  const follow = (at: JsonValue, path: JsonPath): void => {
    if (isJsonScalar(at)) found.push(path);
    else if (Array.isArray(at)) {
      for (const [i, each] of (at as readonly JsonValue[]).entries()) follow(each, [...path, i]);
    } else {
      for (const [key, each] of Object.entries(at)) follow(each, [...path, key]);
    }
  };
  follow(value, []);
  return found;
}
