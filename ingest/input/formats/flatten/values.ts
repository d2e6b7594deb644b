import { isJsonObject, type JsonObject, type Long, longCompare } from '../../../../core/index.js';

/** Values of records: those of JSON, with bigints for the integers that need them; formats add dates and bytes. */

/** A JSON object, and nothing that is one by the way, as dates and bytes are. */
export const isRecord = (value: unknown): value is JsonObject =>
  isJsonObject(value) && !(value instanceof Date) && !(value instanceof Uint8Array);

export const isNumber = (value: unknown): value is Long =>
  typeof value === 'number' || typeof value === 'bigint';

/** An object's own member; undefined where there is none. */
export const memberOf = (value: unknown, name: string): unknown =>
  isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** Equality of JSON; numbers by value, members in any order. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNumber(a) && isNumber(b)) return longCompare(a, b) === 0;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name]))
  );
}
