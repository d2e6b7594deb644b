import type { Long } from '../../core/index.js';
import {
  compileNode,
  type Expression,
  freeNames,
  type Node,
  printNode,
  type ValueType,
} from '../../model/index.js';
import { rememberedTable } from './code-tables.js';
import type { Columns } from './columns.js';
import type { KernelBuilder } from './kernel-builder.js';
import { linearOf, linearResult, scaled } from './linear.js';
import { lookedUpNumber } from './lookups.js';
import { NUMBER_FUNCTIONS, wholeDivision } from './number-functions.js';
import {
  asDouble,
  asFloat,
  asLong,
  bothValid,
  codeOf,
  columnNumber,
  constantNumber,
  type Num,
  nullNumber,
  tableNumber,
  UNTYPED_NULL,
  validCode,
} from './numbers.js';
import { numberPerRun } from './per-run.js';
import { type Code, choose, get, i64, type Local, op, tee } from './wasm/code.js';
import { plainType, wholeValue } from './whole-values.js';

type Emit = (kernel: KernelBuilder) => Code;

/** A truth value: 1 where the expression is certainly true, 1 where it is certainly false. */
interface Truth {
  readonly holds: Emit;
  readonly fails: Emit;
}

/** By text, so that equal parts of a plan are one object. */
const numbers = new WeakMap<Columns, Map<string, Num | null>>();

function once(columns: Columns, text: string, make: () => Num | null): Num | null {
  const known = numbers.get(columns) ?? new Map<string, Num | null>();
  numbers.set(columns, known);
  const found = known.get(text);
  if (found !== undefined) return found;
  const made = make();
  known.set(text, made);
  return made;
}

/** The number that a column gives, as an aggregator or a filter reads it; null when it has to be interpreted. */
export const lowerColumn = (columns: Columns, name: string): Num | null =>
  once(columns, `column ${name}`, () => anyColumn(columns, name));

function anyColumn(columns: Columns, name: string): Num | null {
  const virtual = columns.virtual(name);
  if (virtual === null) return storedNumber(columns, name);
  const { expression, outputType } = virtual;
  if (expression === null) return null;
  return columns.following(name, () => {
    const num = lowerExpression(columns, expression);
    return num === null ? null : castNumber(num, outputType);
  });
}

function storedNumber(columns: Columns, name: string): Num | null {
  if (!columns.exists(name)) return UNTYPED_NULL;
  const scan = columns.stored(name);
  if (scan === null || scan.layout === 'ids') return null;
  return columnNumber(scan);
}

function castNumber(num: Num, type: ValueType): Num | null {
  if (type === 'LONG') return asLong(num);
  if (type === 'DOUBLE') return asDouble(num);
  return type === 'FLOAT' ? asFloat(num) : null;
}

export const lowerExpression = (columns: Columns, { tree }: Pick<Expression, 'tree'>): Num | null =>
  lowerNode(columns, tree);

/** Whether an expression is true, as filters take it: a number above zero. */
export function lowerTruth(columns: Columns, { tree }: Pick<Expression, 'tree'>): Truth | null {
  return truthOf(columns, tree);
}

const lowerNode = (columns: Columns, node: Node): Num | null =>
  once(columns, printNode(node), () => anyNode(columns, node));

function anyNode(columns: Columns, node: Node): Num | null {
  switch (node.kind) {
    case 'literal':
      return literal(node.type, node.value);
    case 'identifier':
      return lowerColumn(columns, node.name);
    case 'unary':
      return node.operator === '!'
        ? truthNumber(columns, node)
        : negated(lowerNode(columns, node.operand));
    case 'binary':
      return lowerBinary(columns, node);
    case 'call':
      return lowerCall(columns, node) ?? perCode(columns, node) ?? numberPerRun(columns, node);
  }
}

function literal(type: string | null, value: unknown): Num | null {
  if (type === null) return UNTYPED_NULL;
  if (type === 'LONG') return constantNumber('LONG', value as Long);
  return type === 'DOUBLE' ? constantNumber('DOUBLE', value as number) : null;
}

function negated(num: Num | null): Num | null {
  if (num === null || num.isUntyped) return num;
  const value: Emit =
    num.type === 'LONG'
      ? (kernel) => op('i64.sub', i64(0n), num.value(kernel))
      : (kernel) => op('f64.neg', num.value(kernel));
  const { type, valid } = num;
  return { type, valid, value, ...(type === 'LONG' ? { linear: scaled(linearOf(num), -1n) } : {}) };
}

/** Instructions by type. */
interface ArithmeticRule {
  readonly long: string | null;
  readonly double: string;
}

const ARITHMETIC: Readonly<Record<string, ArithmeticRule>> = {
  '+': { long: 'i64.add', double: 'f64.add' },
  '-': { long: 'i64.sub', double: 'f64.sub' },
  '*': { long: 'i64.mul', double: 'f64.mul' },
  // Of LONGs: see `wholeDivision`.
  '/': { long: null, double: 'f64.div' },
};

function lowerBinary(columns: Columns, node: Extract<Node, { kind: 'binary' }>): Num | null {
  const { operator } = node;
  const rule = ARITHMETIC[operator];
  if (rule === undefined && operator !== '%') {
    return operator === '^' ? perCode(columns, node) : truthNumber(columns, node);
  }
  const left = lowerNode(columns, node.left);
  const right = lowerNode(columns, node.right);
  if (left === null || right === null) return perCode(columns, node);
  if (operator === '%' || (operator === '/' && left.type === 'LONG' && right.type === 'LONG')) {
    return wholeDivision(operator, left, right) ?? perCode(columns, node);
  }
  return rule === undefined ? null : arithmetic(node.operator, rule, left, right);
}

function arithmetic(operator: string, rule: ArithmeticRule, left: Num, right: Num): Num | null {
  const valid = bothValid(left, right);
  if (left.type === 'LONG' && right.type === 'LONG') {
    const { long } = rule;
    if (long === null) return null;
    const linear = linearResult(operator, left, right);
    return {
      type: 'LONG',
      valid,
      value: (kernel) => op(long, left.value(kernel), right.value(kernel)),
      ...(linear === null ? {} : { linear }),
    };
  }
  const [a, b] = [asDouble(left), asDouble(right)];
  return {
    type: 'DOUBLE',
    valid,
    value: (kernel) => op(rule.double, a.value(kernel), b.value(kernel)),
  };
}

/** A truth value as a LONG: 1, 0 or null. */
function truthNumber(columns: Columns, node: Node): Num | null {
  const truth = truthOf(columns, node);
  if (truth === null) return perCode(columns, node);
  return {
    type: 'LONG',
    value: (kernel) => op('i64.extend_i32_u', truth.holds(kernel)),
    valid: (kernel) => op('i32.or', truth.holds(kernel), truth.fails(kernel)),
  };
}

function truthOf(columns: Columns, node: Node): Truth | null {
  if (node.kind === 'unary' && node.operator === '!') {
    const inner = truthOf(columns, node.operand);
    return inner === null ? null : { holds: inner.fails, fails: inner.holds };
  }
  if (node.kind === 'binary' && (node.operator === '&&' || node.operator === '||')) {
    return conjunction(node.operator, truthOf(columns, node.left), truthOf(columns, node.right));
  }
  if (node.kind === 'binary' && COMPARISONS.has(node.operator)) {
    const compared = comparison(columns, node);
    if (compared !== null) return compared;
  }
  const num =
    node.kind === 'binary' || node.kind === 'unary'
      ? (perCode(columns, node) ?? arithmeticNumber(columns, node))
      : lowerNode(columns, node);
  return num === null ? null : positive(num);
}

/** Comparisons and logic come here when they cannot be taken apart; they must not come back. */
const arithmeticNumber = (columns: Columns, node: Node): Num | null =>
  node.kind === 'binary' && (ARITHMETIC[node.operator] !== undefined || node.operator === '%')
    ? lowerBinary(columns, node)
    : node.kind === 'unary' && node.operator === '-'
      ? lowerNode(columns, node)
      : null;

const COMPARISONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);

function positive(num: Num): Truth {
  const test: Emit =
    num.type === 'LONG'
      ? (kernel) => op('i64.gt_s', num.value(kernel), i64(0n))
      : (kernel) => op('f64.gt', num.value(kernel), { kind: 'const', value: 0, gives: 'f64' });
  return guarded(num.valid, test);
}

/** The test where the inputs are valid, neither true nor false elsewhere. */
function guarded(valid: Num['valid'], test: Emit): Truth {
  const fails: Emit = (kernel) => op('i32.eqz', test(kernel));
  if (valid === null) return { holds: test, fails };
  return {
    holds: (kernel) => op('i32.and', valid(kernel), test(kernel)),
    fails: (kernel) => op('i32.and', valid(kernel), fails(kernel)),
  };
}

function conjunction(operator: '&&' | '||', left: Truth | null, right: Truth | null): Truth | null {
  if (left === null || right === null) return null;
  const both =
    (a: Emit, b: Emit): Emit =>
    (kernel) =>
      op('i32.and', a(kernel), b(kernel));
  const either =
    (a: Emit, b: Emit): Emit =>
    (kernel) =>
      op('i32.or', a(kernel), b(kernel));
  return operator === '&&'
    ? { holds: both(left.holds, right.holds), fails: either(left.fails, right.fails) }
    : { holds: either(left.holds, right.holds), fails: both(left.fails, right.fails) };
}

const LONG_COMPARISONS: Readonly<Record<string, string>> = {
  '<': 'i64.lt_s',
  '<=': 'i64.le_s',
  '>': 'i64.gt_s',
  '>=': 'i64.ge_s',
  '==': 'i64.eq',
  '!=': 'i64.ne',
};

function comparison(columns: Columns, node: Extract<Node, { kind: 'binary' }>): Truth | null {
  const left = lowerNode(columns, node.left);
  const right = lowerNode(columns, node.right);
  if (left === null || right === null) return null;
  const valid = bothValid(left, right);
  if (left.type === 'LONG' && right.type === 'LONG') {
    const name = LONG_COMPARISONS[node.operator]!;
    return guarded(valid, (kernel) => op(name, left.value(kernel), right.value(kernel)));
  }
  const [a, b] = [asDouble(left), asDouble(right)];
  return guarded(valid, (kernel) =>
    doubleTest(kernel, node.operator, a.value(kernel), b.value(kernel)),
  );
}

/**
 * Java's `Double.compare` by way of integers that are ordered alike: -0 is less than 0, NaN is the largest
 * and equals itself. `==` and `<=` take -0 and 0 for equal.
 */
function doubleTest(kernel: KernelBuilder, operator: string, a: Code, b: Code): Code {
  const [x, y] = [kernel.local('x', 'f64'), kernel.local('y', 'f64')];
  const compare = LONG_COMPARISONS[operator]!;
  if (operator === '<' || operator === '>') {
    return op(compare, ordered(kernel, x, tee(x, a)), ordered(kernel, y, tee(y, b)));
  }
  const equal = op('f64.eq', tee(x, a), tee(y, b));
  const bothNaN = op('i32.and', op('f64.ne', get(x), get(x)), op('f64.ne', get(y), get(y)));
  const same = op('i32.or', equal, bothNaN);
  if (operator === '==') return same;
  if (operator === '!=') return op('i32.eqz', same);
  // `same` comes first: it sets the locals.
  return op('i32.or', same, op(compare, ordered(kernel, x, get(x)), ordered(kernel, y, get(y))));
}

/** The integer of a double that is in a local, or that `value` puts there. All patterns of NaN give one. */
function ordered(kernel: KernelBuilder, double: Local, value: Code): Code {
  const bits = kernel.local('bits', 'i64');
  const canonical = choose(
    op('f64.eq', value, get(double)),
    op('i64.reinterpret_f64', get(double)),
    i64(0x7ff8000000000000n),
  );
  // Negative doubles count downwards: all bits but the sign are turned over.
  const flip = op('i64.shr_u', op('i64.shr_s', tee(bits, canonical), i64(63n)), i64(1n));
  return op('i64.xor', flip, get(bits));
}

/** Functions that are computed row by row; all others are left to the dictionary or to the interpreter. */
function lowerCall(columns: Columns, node: Extract<Node, { kind: 'call' }>): Num | null {
  const { name, args } = node;
  switch (name) {
    case 'if':
      return conditional(columns, args);
    case 'case_searched':
      return args.length === 3 ? conditional(columns, args) : caseSearched(columns, args);
    case 'case_simple':
      return caseSearched(columns, conditionsOf(args));
    case 'nvl':
    case 'coalesce':
      return args.map((arg) => lowerNode(columns, arg)).reduce(firstKnown);
    case 'cast':
      return lowerCast(columns, args);
    case 'json_value':
      return numberOfJson(columns, node);
    case 'istrue':
    case 'isfalse':
    case 'nottrue':
    case 'notfalse':
      return truthTest(name, truthOf(columns, args[0]!));
    default:
      return numberCall(columns, name, args);
  }
}

/** The number that a column of JSON's numbers holds. */
function numberOfJson(columns: Columns, node: Node): Num | null {
  const whole = wholeValue(node);
  if (whole === null || (whole.type !== 'LONG' && whole.type !== 'DOUBLE')) return null;
  if (!columns.exists(whole.column)) return nullNumber(whole.type);
  const type = plainType(columns.segment, whole);
  if (type !== 'LONG' && type !== 'DOUBLE') return null;
  const num = lowerColumn(columns, whole.column);
  return num === null ? null : castNumber(num, whole.type);
}

function numberCall(columns: Columns, name: string, args: readonly Node[]): Num | null {
  const fn = NUMBER_FUNCTIONS[name];
  if (fn === undefined) return null;
  const numbers = args.map((arg) => lowerNode(columns, arg));
  const isOpen = (num: Num | null) => num === null || (num.isUntyped && !NULL_TESTS.has(name));
  return numbers.some(isOpen) ? null : fn(...(numbers as Num[]));
}

/** They do not ask for a type. */
const NULL_TESTS: ReadonlySet<string> = new Set(['isnull', 'notnull']);

function truthTest(name: string, truth: Truth | null): Num | null {
  if (truth === null) return null;
  const known = name.endsWith('true') ? truth.holds : truth.fails;
  const test: Emit = name.startsWith('is') ? known : (kernel) => op('i32.eqz', known(kernel));
  return { type: 'LONG', valid: null, value: (kernel) => op('i64.extend_i32_u', test(kernel)) };
}

/** Every second argument behind the first is what that is compared with; the last one may be the else. */
const conditionsOf = ([x, ...rest]: readonly Node[]): Node[] =>
  rest.map((right, i) =>
    i % 2 === 0 && i < rest.length - 1
      ? { kind: 'binary', operator: '==', left: x!, right }
      : right,
  );

function conditional(columns: Columns, [test, then, otherwise]: readonly Node[]): Num | null {
  const truth = truthOf(columns, test!);
  const branches = [lowerNode(columns, then!), lowerNode(columns, otherwise!)];
  return truth === null ? null : chosen(truth, branches[0]!, branches[1]!);
}

/** Conditions and results in turn; without an else the rest is null. */
function caseSearched(columns: Columns, args: readonly Node[]): Num | null {
  if (args.length === 1) return lowerNode(columns, args[0]!);
  const [test, then, ...rest] = args;
  const truth = truthOf(columns, test!);
  const first = lowerNode(columns, then!);
  if (truth === null || first === null) return null;
  const others = rest.length === 0 ? UNTYPED_NULL : caseSearched(columns, rest);
  return chosen(truth, first, others);
}

function chosen(truth: Truth, then: Num | null, otherwise: Num | null): Num | null {
  if (then === null || otherwise === null) return null;
  if (then.isUntyped && otherwise.isUntyped) return UNTYPED_NULL;
  const [a, b] = alike(then, otherwise);
  const valid: Num['valid'] =
    a.valid === null && b.valid === null
      ? null
      : (kernel) => choose(truth.holds(kernel), validCode(a, kernel), validCode(b, kernel));
  return {
    type: a.type,
    value: (kernel) => choose(truth.holds(kernel), a.value(kernel), b.value(kernel)),
    valid,
  };
}

function firstKnown(first: Num | null, second: Num | null): Num | null {
  if (first === null || second === null) return null;
  if (first.isUntyped && second.isUntyped) return UNTYPED_NULL;
  const [a, b] = alike(first, second);
  if (first.valid === null) return a;
  const { valid } = first;
  return {
    type: a.type,
    value: (kernel) => choose(valid(kernel), a.value(kernel), b.value(kernel)),
    valid: b.valid === null ? null : (kernel) => op('i32.or', valid(kernel), validCode(b, kernel)),
  };
}

/** LONG where both are, else DOUBLE; the type of a null does not count. */
function alike(a: Num, b: Num): [Num, Num] {
  if (a.isUntyped && !b.isUntyped) return [nullNumber(b.type), b];
  if (b.isUntyped && !a.isUntyped) return [a, nullNumber(a.type)];
  return a.type === b.type ? [a, b] : [asDouble(a), asDouble(b)];
}

function lowerCast(columns: Columns, [operand, type]: readonly Node[]): Num | null {
  if (type?.kind !== 'literal') return null;
  const wanted = String(type.value).toUpperCase();
  const num =
    lookedUpNumber(columns, operand!, wanted, (node) => lowerNode(columns, node)) ??
    lowerNode(columns, operand!);
  if (num === null) return null;
  return wanted === 'LONG' || wanted === 'DOUBLE' ? castNumber(num, wanted) : null;
}

/** A tree over one column of codes: the interpreter computes it once per code. */
function perCode(columns: Columns, node: Node): Num | null {
  const names = [...freeNames(node)];
  const column = columns.onlyCodes(names);
  if (column === null || column.multiValue || !names.every((name) => columns.exists(name)))
    return null;
  const source = columns.over(column);
  const reader = compileNode(node, source);
  const { type } = reader;
  if (reader.multiValue || (type !== 'LONG' && type !== 'DOUBLE')) return null;
  const numberOf = (code: number): Long | null => {
    source.code = code;
    return reader.get() as Long | null;
  };
  const table = rememberedTable(columns, column, printNode(node), type, numberOf);
  return tableNumber((kernel) => codeOf(kernel, column), table);
}
