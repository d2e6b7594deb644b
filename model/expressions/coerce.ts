import type { Long } from '../../core/index.js';
import { parseDouble } from '../decimal.js';
import { scalarText } from '../text.js';
import {
  type ArrayType,
  elementType,
  isArrayType,
  isComplexType,
  isNumericType,
  JSON_TYPE,
  type Scalar,
  type Value,
} from '../types.js';
import type { ExprType } from './ast.js';
import { textToLong, valueCaster } from './cast.js';
import { constantOperand, type Operand } from './operand.js';

/** Implicit conversions: what an operand is taken for where a function or operator wants another type. */

const always = (): null => null;

/** As a double; null where the value is null or spells no number. */
export function asDouble({ type, get }: Operand): () => number | null {
  switch (type) {
    case 'DOUBLE':
      return get as () => number | null;
    case 'LONG':
      return () => {
        const value = get() as Long | null;
        return typeof value === 'bigint' ? Number(value) : value;
      };
    case 'STRING':
      return () => {
        const value = get() as string | null;
        return value === null ? null : parseDouble(value);
      };
    default:
      return cast(type, 'DOUBLE', get) as () => number | null;
  }
}

/** As a 64-bit integer, doubles truncated; null where the value is null or spells no number. */
export function asLong({ type, get }: Operand): () => Long | null {
  if (type === 'LONG') return get as () => Long | null;
  if (type !== 'STRING') return cast(type, 'LONG', get) as () => Long | null;
  return () => {
    const value = get() as string | null;
    return value === null ? null : textToLong(value);
  };
}

/** As a 32-bit integer (positions, lengths, counts), saturating as Java's cast does. */
export function asInt(operand: Operand): () => number | null {
  const long = asLong(operand);
  return () => {
    const value = long();
    return value === null ? null : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Number(value)));
  };
}

/** As text: numbers as Java prints them, arrays as `[a, b]`. */
export function asText({ type, get }: Operand): () => string | null {
  if (type === 'STRING') return get as () => string | null;
  if (type === JSON_TYPE) return cast(type, 'STRING', get) as () => string | null;
  if (type === null || isComplexType(type)) return always;
  if (!isArrayType(type)) return () => scalarText(get() as Scalar, type);
  const element = elementType(type);
  return () => {
    const list = get() as readonly Scalar[] | null;
    return list === null ? null : `[${list.map((x) => String(scalarText(x, element))).join(', ')}]`;
  };
}

/** As a truth value: numbers above 0 and the text `true` in any case are true, null is unknown. */
export function asTruth(operand: Operand): () => boolean | null {
  const { type, get } = operand;
  if (type === 'LONG' || type === 'DOUBLE') {
    return () => {
      const value = get() as Long | null;
      return value === null ? null : value > 0;
    };
  }
  const text = type === 'STRING' ? asText(operand) : null;
  if (text !== null) {
    return () => {
      const value = text();
      return value === null ? null : value.toLowerCase() === 'true';
    };
  }
  if (type === null || !isArrayType(type)) return always;
  return asTruth({ ...operand, type: elementType(type), get: cast(type, elementType(type), get) });
}

/** As a list: a scalar is a list of one, null stays null. */
export function asArray(operand: Operand): () => readonly Scalar[] | null {
  return coerced(operand, arrayOf(operand.type)).get as () => readonly Scalar[] | null;
}

/** The operand as the other type, by the rules of casts. */
export function coerced(operand: Operand, type: ExprType): Operand {
  if (operand.type === type && !operand.multiValue) return operand;
  const get = type === null ? operand.get : cast(operand.type, type, operand.get);
  if (operand.isConstant) return constantOperand(type, get());
  return { ...operand, type, get, multiValue: false };
}

function cast(from: ExprType, to: Exclude<ExprType, null>, get: () => Value): () => Value {
  if (from === null) return always;
  const convert = valueCaster(from, to);
  return () => convert(get());
}

/** The array type for lists of such values; of unknown ones, texts. */
export function arrayOf(type: ExprType): ArrayType {
  if (type === null || isComplexType(type)) return 'ARRAY<STRING>';
  if (isArrayType(type)) return type;
  return type === 'FLOAT' ? 'ARRAY<DOUBLE>' : `ARRAY<${type}>`;
}

/**
 * The type that values of all these types fit: numbers meet in DOUBLE, numbers and text in STRING, an
 * array and a scalar in an array. Nulls fit everything.
 */
export function commonType(types: readonly ExprType[]): ExprType {
  return types.reduce<ExprType>(commonOfTwo, null);
}

function commonOfTwo(a: ExprType, b: ExprType): ExprType {
  if (a === b || b === null) return a;
  if (a === null) return b;
  if (isComplexType(a) || isComplexType(b)) return 'STRING';
  if (!isArrayType(a) && !isArrayType(b)) {
    return isNumericType(a) && isNumericType(b) ? 'DOUBLE' : 'STRING';
  }
  const element = commonOfTwo(elementType(arrayOf(a)), elementType(arrayOf(b)));
  return arrayOf(element);
}
