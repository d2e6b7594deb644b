import {
  complexName,
  complexType,
  isComplexType,
  type Value,
  type ValueType,
} from '../../model/index.js';

/**
 * Values of one column in a form that can cross a thread: COMPLEX values as their bytes, all else
 * as they are.
 */
export function encodeValues(type: ValueType, values: readonly Value[]): readonly Value[] {
  if (!isComplexType(type)) return values;
  const serde = complexType(complexName(type));
  return values.map((value) => (value === null ? null : serde.encode(value as object)));
}

export function decodeValues(type: ValueType, values: readonly Value[]): readonly Value[] {
  if (!isComplexType(type)) return values;
  const serde = complexType(complexName(type));
  return values.map((value) => (value === null ? null : serde.decode(value as Uint8Array)));
}
