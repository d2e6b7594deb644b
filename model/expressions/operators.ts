import {
  compareText,
  type Long,
  longAdd,
  longMultiply,
  longSubtract,
  UserError,
} from '../../core/index.js';
import { compareBy } from '../ordering.js';
import { isArrayType, isComplexType, type Value } from '../types.js';
import type { BinaryOperator, ExprType, UnaryOperator } from './ast.js';
import { asDouble, asLong, asText, asTruth, coerced, commonType } from './coerce.js';
import { longDivide, longPower, longRemainder } from './long-arithmetic.js';
import { type Operand, operand } from './operand.js';

type Arithmetic = '^' | '*' | '/' | '%' | '+' | '-';
type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** Compiles `left operator right`. Throws UserError where the types have no such operation. */
export function compileBinary(operator: BinaryOperator, left: Operand, right: Operand): Operand {
  switch (operator) {
    case '&&':
      return operand('LONG', conjunction(asTruth(left), asTruth(right)));
    case '||':
      return operand('LONG', disjunction(asTruth(left), asTruth(right)));
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '==':
    case '!=': {
      const test = comparison(operator, left, right);
      return operand('LONG', () => {
        const result = test();
        return result === null ? null : Number(result);
      });
    }
    default:
      return arithmetic(operator, left, right);
  }
}

/** Compiles `-operand` or `!operand`. */
export function compileUnary(operator: UnaryOperator, inner: Operand): Operand {
  if (operator === '!') {
    const truth = asTruth(inner);
    return operand('LONG', () => {
      const value = truth();
      return value === null ? null : Number(!value);
    });
  }
  const { type, get } = inner;
  if (type === null) return inner;
  if (type === 'LONG') {
    return operand('LONG', () => {
      const value = get() as Long | null;
      return value === null ? null : longSubtract(0, value);
    });
  }
  if (type !== 'DOUBLE') throw notSupported('-', type);
  return operand('DOUBLE', () => {
    const value = get() as number | null;
    return value === null ? null : -value;
  });
}

/** Three-valued AND; the right side is not read when the left is false. */
function conjunction(left: () => boolean | null, right: () => boolean | null): () => Value {
  return () => {
    const a = left();
    if (a === false) return 0;
    const b = right();
    if (b === false) return 0;
    return a === null || b === null ? null : 1;
  };
}

/** Three-valued OR; the right side is not read when the left is true. */
function disjunction(left: () => boolean | null, right: () => boolean | null): () => Value {
  return () => {
    const a = left();
    if (a === true) return 1;
    const b = right();
    if (b === true) return 1;
    return a === null || b === null ? null : 0;
  };
}

const LONG_ARITHMETIC: Readonly<Record<Arithmetic, (a: Long, b: Long) => Long>> = {
  '+': longAdd,
  '-': longSubtract,
  '*': longMultiply,
  '/': longDivide,
  '%': longRemainder,
  '^': longPower,
};

const DOUBLE_ARITHMETIC: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
};

function arithmetic(operator: Arithmetic, left: Operand, right: Operand): Operand {
  const type = operationType(operator, left.type, right.type);
  if (left.type === null || right.type === null) {
    // Text is not what this would be if the types of all columns were known.
    return operand(type === 'STRING' ? null : type, () => null);
  }
  if (type === 'STRING') {
    if (operator !== '+') throw notSupported(operator, 'STRING');
    return operand(
      type,
      lifted(asText(left), asText(right), (a, b) => a + b),
    );
  }
  if (type === 'LONG') {
    return operand(type, lifted(asLong(left), asLong(right), LONG_ARITHMETIC[operator]));
  }
  return operand(type, lifted(asDouble(left), asDouble(right), DOUBLE_ARITHMETIC[operator]));
}

/** Null when either side is; both are read first, so that an error in one does not depend on the other. */
function lifted<T, R>(
  left: () => T | null,
  right: () => T | null,
  fn: (a: T, b: T) => R,
): () => R | null {
  return () => {
    const a = left();
    const b = right();
    return a === null || b === null ? null : fn(a, b);
  };
}

const LONG_TESTS: Readonly<Record<Comparison, (a: Long, b: Long) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

const DOUBLE_TESTS: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  '<': (a, b) => compareDoubles(a, b) < 0,
  '<=': (a, b) => a === b || compareDoubles(a, b) <= 0,
  '>': (a, b) => compareDoubles(a, b) > 0,
  '>=': (a, b) => a === b || compareDoubles(a, b) >= 0,
  '==': (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b)),
  '!=': (a, b) => a !== b && !(Number.isNaN(a) && Number.isNaN(b)),
};

/** Java's Double.compare: NaN is the largest and equals itself; -0.0 is less than 0.0. */
function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return a === 0 ? Number(Object.is(b, -0)) - Number(Object.is(a, -0)) : 0;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

const ORDER_TESTS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
};

/**
 * A comparison as a three-valued test. `==` takes -0.0 and 0.0 for equal although `<` orders them: both as in
 * Druid.
 */
export function comparison(
  operator: Comparison,
  left: Operand,
  right: Operand,
): () => boolean | null {
  const type = operationType(operator, left.type, right.type);
  if (left.type === null || right.type === null) return () => null;
  if (type === 'LONG') return lifted(asLong(left), asLong(right), LONG_TESTS[operator]);
  if (type === 'DOUBLE') return lifted(asDouble(left), asDouble(right), DOUBLE_TESTS[operator]);
  const test = ORDER_TESTS[operator];
  if (type !== 'STRING') {
    const order = compareBy('natural');
    const [a, b] = [coerced(left, type), coerced(right, type)];
    return lifted<Value, boolean>(a.get, b.get, (x, y) => test(order(x, y)));
  }
  const [a, b] = [asText(left), asText(right)];
  if (operator === '==') return lifted(a, b, (x, y) => x === y);
  if (operator === '!=') return lifted(a, b, (x, y) => x !== y);
  return lifted(a, b, (x, y) => test(compareText(x, y)));
}

/** Two texts are text; other scalars meet as numbers, LONG only when both are; the type of a null does not count. */
function operationType(
  operator: Arithmetic | Comparison,
  left: ExprType,
  right: ExprType,
): Exclude<ExprType, null> {
  const [a, b] = [left ?? right ?? 'LONG', right ?? left ?? 'LONG'];
  for (const type of [a, b]) if (isComplexType(type)) throw notSupported(operator, type);
  if (isArrayType(a) !== isArrayType(b)) throw notSupported(operator, `${a} and ${b}`);
  if (isArrayType(a)) {
    if (operator in LONG_ARITHMETIC) throw notSupported(operator, a);
    return commonType([a, b])!;
  }
  if (a === 'STRING' && b === 'STRING') return 'STRING';
  return a === 'LONG' && b === 'LONG' ? 'LONG' : 'DOUBLE';
}

const notSupported = (operator: string, type: string): UserError =>
  new UserError(
    `operator '${operator}' is not supported on ${type}; cast the operands with cast(x, 'LONG') or 'DOUBLE'`,
    'query',
  );
