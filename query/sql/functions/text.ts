import { formatDouble } from '../../../core/index.js';
import type { Scalar, Value } from '../../../model/index.js';
import type { Rex } from '../algebra/rex.js';
import { isArray, nativeType, type SqlType } from '../algebra/types.js';

/** The native expression text of a rex over fields. Every operator is bracketed, every name quoted. */
export function expressionText(rex: Rex): string {
  switch (rex.kind) {
    case 'literal':
      return literalText(rex.type, rex.value);
    case 'field':
      return identifierText(rex.name);
    case 'call': {
      if (rex.fn.text === undefined) throw new Error(`${rex.fn.name} was not expanded`);
      return rex.fn.text(rex.args.map(expressionText), rex);
    }
    default:
      throw new Error(`a ${rex.kind} has no expression text`);
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

const escaped = (text: string, quote: string): string =>
  text.replace(/[\\'"\b\f\n\r\t]/g, (c) =>
    c === '\\' || c === quote ? `\\${c}` : (ESCAPES.get(c) ?? c),
  );

export const stringText = (text: string): string => `'${escaped(text, "'")}'`;

export const identifierText = (name: string): string => `"${escaped(name, '"')}"`;

function literalText(type: SqlType, value: Value): string {
  if (isArray(type) && Array.isArray(value)) {
    const elements = value.map((element: Scalar) => scalarText(element, type === 'DOUBLE ARRAY'));
    return `${nativeType(type)}[${elements.join(', ')}]`;
  }
  return scalarText(value as Scalar, type === 'DOUBLE' || type === 'FLOAT');
}

function scalarText(value: Scalar, double: boolean): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return stringText(value);
  return double ? formatDouble(Number(value)) : String(value);
}
