import { CorruptSketchError, UserError } from '../../core/index.js';
import { BloomKFilter, type BloomValue, bloomHash } from '../../sketches/index.js';
import { scalarText } from '../text.js';
import {
  elementType,
  isArrayType,
  isComplexType,
  type Scalar,
  type ScalarType,
  type Value,
  type ValueType,
} from '../types.js';

/** What a Bloom filter takes a scalar of a type for. */
export function bloomValue(value: Scalar, type: ScalarType): BloomValue {
  if (value === null) return null;
  if (type === 'STRING' || typeof value === 'string') {
    return { type: 'STRING', value: scalarText(value, type)! };
  }
  if (type === 'LONG') return { type, value };
  return { type, value: Number(value) };
}

/** The values of a cell: of a list all, of an empty one null; none of a complex column. */
export function bloomValuesOf(type: ValueType): (cell: Value) => BloomValue[] {
  if (isComplexType(type)) return () => [];
  const scalarType = isArrayType(type) ? elementType(type) : type;
  return (cell) => {
    const elements = Array.isArray(cell) ? (cell as readonly Scalar[]) : [cell as Scalar];
    const values = elements.length === 0 ? [null] : elements;
    return values.map((value) => bloomValue(value, scalarType));
  };
}

/** The hashes of those values, two words each. */
export function bloomHashesOf(type: ValueType): (cell: Value) => Uint32Array {
  const valuesOf = bloomValuesOf(type);
  return (cell) => {
    const values = valuesOf(cell);
    const hashes = new Uint32Array(2 * values.length);
    for (const [i, value] of values.entries()) bloomHash(value, hashes, 2 * i);
    return hashes;
  };
}

/** The filter that a text stands for, in base64. Throws a UserError that names `field`. */
export function bloomOfText(base64: string, field: string): BloomKFilter {
  try {
    return BloomKFilter.ofBytes(Buffer.from(base64, 'base64'));
  } catch (error) {
    if (!(error instanceof CorruptSketchError)) throw error;
    const wanted = 'want a bloom filter as base64, as the "bloom" aggregator makes it';
    throw new UserError(`${field}: ${wanted}; ${error.message}`, 'query', field);
  }
}
