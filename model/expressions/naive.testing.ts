import type { Node } from './ast.js';

/**
 * For tests: a second evaluator of operators, slow and written from the rules alone. Values carry their types
 * at run time; LONGs are bigints.
 */
export type Naive =
  | { readonly type: 'LONG'; readonly value: bigint }
  | { readonly type: 'DOUBLE'; readonly value: number }
  | { readonly type: 'STRING'; readonly value: string }
  | null;

/** Thrown where the language has an error. */
export class NaiveError extends Error {}

const long = (value: bigint): Naive => ({ type: 'LONG', value: BigInt.asIntN(64, value) });
const double = (value: number): Naive => ({ type: 'DOUBLE', value });
const truth = (value: boolean): Naive => long(value ? 1n : 0n);

export function naiveEvaluate(node: Node, row: ReadonlyMap<string, Naive>): Naive {
  switch (node.kind) {
    case 'literal':
      return naiveLiteral(node.type, node.value as string | number | bigint | null);
    case 'identifier':
      return row.get(node.name) ?? null;
    case 'unary': {
      const operand = naiveEvaluate(node.operand, row);
      if (operand === null) return null;
      if (node.operator === '!') return truth(!isTrue(operand));
      if (operand.type === 'LONG') return long(-operand.value);
      if (operand.type === 'DOUBLE') return double(-operand.value);
      throw new NaiveError('minus text');
    }
    case 'binary':
      return binary(node, row);
    default:
      throw new Error('the naive evaluator has no functions');
  }
}

export function naiveLiteral(type: string | null, value: string | number | bigint | null): Naive {
  if (value === null) return null;
  if (type === 'LONG') return { type: 'LONG', value: BigInt(value) };
  return type === 'DOUBLE'
    ? { type: 'DOUBLE', value: Number(value) }
    : { type: 'STRING', value: String(value) };
}

function isTrue(value: Exclude<Naive, null>): boolean {
  return value.type === 'STRING' ? /^true$/i.test(value.value) : value.value > 0;
}

function binary(node: Extract<Node, { kind: 'binary' }>, row: ReadonlyMap<string, Naive>): Naive {
  const left = naiveEvaluate(node.left, row);
  if (node.operator === '&&' || node.operator === '||') {
    const decisive = node.operator === '||';
    if (left !== null && isTrue(left) === decisive) return truth(decisive);
    const right = naiveEvaluate(node.right, row);
    if (right !== null && isTrue(right) === decisive) return truth(decisive);
    return left === null || right === null ? null : truth(!decisive);
  }
  const right = naiveEvaluate(node.right, row);
  if (left === null || right === null) return null;
  if (left.type === 'STRING' && right.type === 'STRING') {
    if (node.operator === '+') return { type: 'STRING', value: left.value + right.value };
    return truth(ordered(node.operator, codePointOrder(left.value, right.value)));
  }
  if (left.type === 'LONG' && right.type === 'LONG') {
    return longs(node.operator, left.value, right.value);
  }
  const [a, b] = [number(left), number(right)];
  return a === null || b === null ? null : doubles(node.operator, a, b);
}

function number(value: Exclude<Naive, null>): number | null {
  if (value.type !== 'STRING') return Number(value.value);
  return /^[+-]?\d+(\.\d+)?$/.test(value.value) ? Number(value.value) : null;
}

const codePointOrder = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));

function ordered(operator: string, order: number): boolean {
  const holds = { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[operator];
  return holds ?? (operator === '==') === (order === 0);
}

function longs(operator: string, a: bigint, b: bigint): Naive {
  switch (operator) {
    case '+':
      return long(a + b);
    case '-':
      return long(a - b);
    case '*':
      return long(a * b);
    case '/':
    case '%':
      if (b === 0n) throw new NaiveError('/ by zero');
      return long(operator === '/' ? a / b : a % b);
    case '^':
      if (b < 0n) throw new NaiveError('negative power');
      return long(a ** b);
    default:
      return truth(ordered(operator, a < b ? -1 : a > b ? 1 : 0));
  }
}

function doubles(operator: string, a: number, b: number): Naive {
  switch (operator) {
    case '+':
      return double(a + b);
    case '-':
      return double(a - b);
    case '*':
      return double(a * b);
    case '/':
      return double(a / b);
    case '%':
      return double(a % b);
    case '^':
      return double(a ** b);
    case '==':
    case '!=': {
      const same = a === b || Object.is(a, b);
      return truth(same === (operator === '=='));
    }
    default: {
      if (a === b && operator.endsWith('=')) return truth(true);
      const order = totalOrder(a) < totalOrder(b) ? -1 : totalOrder(a) > totalOrder(b) ? 1 : 0;
      return truth(ordered(operator, order));
    }
  }
}

/** IEEE 754 bits made comparable: Double.compare by other means. */
function totalOrder(value: number): bigint {
  const bits = new BigInt64Array(
    Float64Array.of(Number.isNaN(value) ? Number.NaN : value).buffer,
  )[0]!;
  if (Number.isNaN(value)) return 2n ** 63n;
  return bits < 0n ? -(bits & (2n ** 63n - 1n)) - 1n : bits;
}
