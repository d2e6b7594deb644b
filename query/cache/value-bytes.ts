import type { Value } from '../../model/index.js';

/** Of an object or an array on the heap, beside what is in it. */
const OBJECT_BYTES = 32;
/** Of a place for a value in an array. */
const SLOT_BYTES = 8;
/** Of a number that is no small integer. */
const NUMBER_BYTES = 16;

/**
 * What a value takes in memory, at most; infinite where nobody can tell, as of sketches and JSON objects. Stops counting
 * beyond `most`.
 */
export function valueBytes(value: Value | Uint8Array | undefined, most: number): number {
  switch (typeof value) {
    case 'string':
      return SLOT_BYTES + OBJECT_BYTES + 2 * value.length;
    case 'number':
    case 'bigint':
      return SLOT_BYTES + NUMBER_BYTES;
    case 'object':
      if (value === null) return SLOT_BYTES;
      if (Array.isArray(value)) return SLOT_BYTES + valuesBytes(value as readonly Value[], most);
      if (value instanceof Uint8Array) return SLOT_BYTES + 4 * OBJECT_BYTES + value.byteLength;
      return Number.POSITIVE_INFINITY;
    default:
      return SLOT_BYTES;
  }
}

/** Likewise, of a list of values. */
export function valuesBytes(values: readonly (Value | Uint8Array)[], most: number): number {
  let bytes = OBJECT_BYTES;
  for (let i = 0; i < values.length && bytes <= most; i++) bytes += valueBytes(values[i]!, most);
  return bytes;
}

/** Of rows, likewise. */
export function rowsBytes(rows: readonly (readonly Value[])[], most: number): number {
  let bytes = OBJECT_BYTES;
  for (let i = 0; i < rows.length && bytes <= most; i++)
    bytes += SLOT_BYTES + valuesBytes(rows[i]!, most);
  return bytes;
}

/** A list of small objects, or of numbers; or none. */
export const listBytes = (list: readonly unknown[] | undefined): number =>
  OBJECT_BYTES + (list?.length ?? 0) * (SLOT_BYTES + 2 * OBJECT_BYTES);

/** A typed array that has a buffer of its own. */
export const arrayBytes = (array: ArrayBufferView): number => 4 * OBJECT_BYTES + array.byteLength;
