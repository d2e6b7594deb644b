import { isJsonObject, type JsonObject } from '../../core/index.js';
import { Json } from '../../model/index.js';
import { type InputBatch, valueIn } from '../input/batch.js';

/** A value of a record as JSON can say it: dates as text, bytes in base64, what is absent left out. */
export function jsonValue(value: unknown): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Json) return value.value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map((item) => jsonValue(item) ?? null);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      member === undefined ? [] : [[name, jsonValue(member)]],
    ),
  );
}

/** A record as it came, before fields were made of it. */
export function recordOf({ columns, roots }: InputBatch, row: number): JsonObject {
  const members: [string, unknown][] = [];
  for (const [name, column] of roots ?? columns) {
    const value = valueIn(column, row);
    if (value !== undefined) members.push([name, jsonValue(value)]);
  }
  return Object.fromEntries(members);
}
