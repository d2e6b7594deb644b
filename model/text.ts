import { formatDouble, formatFloat } from '../core/index.js';
import type { Scalar, ValueType } from './types.js';

/** How a scalar of the type reads as text: `5`, `5.0`, `0.1`; null stays null. */
export function scalarText(value: Scalar, type: ValueType): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  if (type === 'DOUBLE' || type === 'ARRAY<DOUBLE>') return formatDouble(value);
  return type === 'FLOAT' ? formatFloat(value) : String(value);
}
