import { type ColumnReader, memoised } from '../rows.js';
import { scalarText } from '../text.js';
import { elementType, isArrayType, type Scalar, type ScalarType, type Value } from '../types.js';
import { numberReader } from './number-input.js';
import { truncateUtf8 } from './timed-value.js';

/** Reads a column of any type as values of `type`; texts are cut to `maxStringBytes`. */
export function valueReader(
  reader: ColumnReader,
  type: ScalarType,
  maxStringBytes: number,
): () => Scalar {
  if (type !== 'STRING') return numberReader(reader, type);
  return memoised(reader, (cell) => {
    const text = cellText(cell, reader);
    return text === null ? null : truncateUtf8(text, maxStringBytes);
  });
}

/** A list reads as Java prints one: `[a, b]`. */
function cellText(cell: Value, { type }: ColumnReader): string | null {
  const scalarType = isArrayType(type) ? elementType(type) : type;
  if (Array.isArray(cell)) {
    return `[${cell.map((value: Scalar) => scalarText(value, scalarType)).join(', ')}]`;
  }
  return typeof cell === 'object' ? null : scalarText(cell, scalarType);
}
