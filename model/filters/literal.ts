import { parseDouble, parseExactLong } from '../decimal.js';
import { scalarText } from '../text.js';
import type { Scalar, ScalarType } from '../types.js';

/**
 * The value that a column of `type` must hold to equal a literal text; null when no value can
 * (text that is no number, a fraction against LONG).
 */
export function literalText(text: string, type: ScalarType): Scalar {
  switch (type) {
    case 'STRING':
      return text;
    case 'LONG':
      return parseExactLong(text);
    case 'DOUBLE':
      return zeroSign(parseDouble(text));
    case 'FLOAT': {
      const value = zeroSign(parseDouble(text));
      return value === null ? null : Math.fround(value);
    }
  }
}

/** -0 and 0 are one value; `===` and Map keys agree on that, so only Object.is would see it. */
const zeroSign = (value: number | null): number | null => (value === 0 ? 0 : value);

/** A JSON literal of a declared type, as text: DOUBLE 1 is `1.0`. */
export function typedText(literal: string | number | bigint | boolean, type: ScalarType): string {
  const text = typeof literal === 'boolean' ? String(Number(literal)) : String(literal);
  return scalarText(literalText(text, type), type) ?? text;
}
