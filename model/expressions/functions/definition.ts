import { type Long, UserError } from '../../../core/index.js';
import { isArrayType, isComplexType, type Value } from '../../types.js';
import type { ExprType } from '../ast.js';
import { asDouble, asInt, asLong, asText } from '../coerce.js';
import type { Operand } from '../operand.js';

interface Described {
  /** Canonical spelling; calls may use any case. */
  readonly name: string;
  /** How a call is written: `substring(text, index, length)`; brackets mark what may be left out. */
  readonly usage: string;
  readonly doc: string;
  /** How many arguments a call may have, a lambda not counted; `max` null is without end. */
  readonly arity: { readonly min: number; readonly max: number | null };
  /**
   * Whether the argument is taken as an array, which keeps a multi-value column whole. `literals` has
   * one entry an argument, undefined where it is not a literal.
   */
  readonly takesArray?: (index: number, literals: readonly (Value | undefined)[]) => boolean;
}

/** A function of values. */
export interface FunctionDefinition extends Described {
  readonly kind: 'function';
  /** The result is a multi-value STRING, not an array. */
  readonly multiValueResult?: boolean;
  /** The type of the result for arguments of these types, some of which may be constants. */
  readonly resultType: (args: readonly Operand[]) => ExprType;
  /** Prepares a call; what it returns reads the arguments anew each time. Must be pure. */
  readonly compile: (args: readonly Operand[]) => () => Value;
}

/** A function whose first argument is a lambda. */
export interface ApplyDefinition extends Described {
  readonly kind: 'apply';
  /** How many parameters the lambda must have for so many other arguments. */
  readonly lambdaArity: (argCount: number) => number;
  /** Free multi-value columns of the lambda can become further parameters of the function of this name. */
  readonly lifted?: string;
  readonly compile: (lambda: Lambda, args: readonly Operand[]) => Operand;
}

export type Definition = FunctionDefinition | ApplyDefinition;

/** The lambda of a call, compiled once the types of its parameters are known. */
export interface Lambda {
  bind(parameterTypes: readonly ExprType[]): BoundLambda;
}

export interface BoundLambda {
  /** One for each parameter: set them, then read `body`. */
  readonly slots: readonly { value: Value }[];
  readonly body: Operand;
}

type Kind = 'text' | 'long' | 'double' | 'int';
interface Kinds {
  text: string;
  long: Long;
  double: number;
  int: number;
}

/** A question mark marks what may be left out. */
type Parameter = Kind | `${Kind}?`;
type Given<P> = P extends `${infer K extends Kind}?`
  ? Kinds[K] | undefined
  : P extends Kind
    ? Kinds[P]
    : never;
type GivenAll<P extends readonly Parameter[]> = { [I in keyof P]: Given<P[I]> };

const READERS: { [K in Kind]: (operand: Operand) => () => Kinds[K] | null } = {
  text: asText,
  long: asLong,
  double: asDouble,
  int: asInt,
};

/** A function of plain parameters, null when any argument is null. */
export function strict<const P extends readonly Parameter[]>(options: {
  readonly usage: string;
  readonly doc: string;
  readonly parameters: P;
  readonly result: ExprType;
  readonly evaluate: (...values: GivenAll<P>) => Value;
}): FunctionDefinition {
  const { usage, doc, parameters, result } = options;
  const required = parameters.filter((parameter) => !parameter.endsWith('?')).length;
  const evaluate = options.evaluate as (...values: readonly unknown[]) => Value;
  return {
    kind: 'function',
    name: nameOf(usage),
    usage,
    doc,
    arity: { min: required, max: parameters.length },
    resultType: () => result,
    compile: (args) =>
      unlessNull(
        args.map((arg, i) => READERS[parameters[i]!.replace('?', '') as Kind](arg)),
        evaluate,
      ),
  };
}

/** Calls `evaluate` with what the readers give, or gives null when one of them does. */
export function unlessNull(
  readers: readonly (() => unknown)[],
  evaluate: (...values: readonly unknown[]) => Value,
): () => Value {
  const [first, second] = readers;
  if (readers.length === 1) {
    return () => {
      const a = first!();
      return a === null ? null : evaluate(a);
    };
  }
  if (readers.length === 2) {
    return () => {
      const a = first!();
      if (a === null) return null;
      const b = second!();
      return b === null ? null : evaluate(a, b);
    };
  }
  return () => {
    const values: unknown[] = [];
    for (const read of readers) {
      const value = read();
      if (value === null) return null;
      values.push(value);
    }
    return evaluate(...values);
  };
}

/** A function with its own way of compiling; the name and the arity come from `usage`. */
export function define(
  options: Omit<FunctionDefinition, 'kind' | 'name' | 'arity'>,
): FunctionDefinition {
  return {
    kind: 'function',
    name: nameOf(options.usage),
    arity: arityOf(options.usage),
    ...options,
  };
}

/** An apply function; `usage` shows the lambda as first argument. */
export function defineApply(
  options: Omit<ApplyDefinition, 'kind' | 'name' | 'arity'>,
): ApplyDefinition {
  const { min, max } = arityOf(options.usage);
  return {
    kind: 'apply',
    name: nameOf(options.usage),
    arity: { min: min - 1, max: max === null ? null : max - 1 },
    ...options,
  };
}

/** The name in front of the parenthesis. */
export const nameOf = (usage: string): string => usage.slice(0, usage.indexOf('('));

/** `f(a, b, [c], …)`: two needed, any number allowed. */
function arityOf(usage: string): { min: number; max: number | null } {
  const inner = usage.slice(usage.indexOf('(') + 1, -1);
  const parameters = inner === '' ? [] : inner.split(', ');
  const named = parameters.filter((parameter) => parameter !== '…');
  const min = named.filter((parameter) => !parameter.startsWith('[')).length;
  return { min, max: named.length < parameters.length ? null : named.length };
}

/** A wrong call: the message begins as Druid's do. */
export const callError = (name: string, problem: string): UserError =>
  new UserError(`Function[${name}] ${problem}`, 'query');

/** The value of an argument that must be a literal (null allowed); `what` says what it is. */
export function literalOf(
  name: string,
  args: readonly Operand[],
  index: number,
  what: string,
): Value {
  const arg = args[index];
  if (arg === undefined) return null;
  if (!arg.isConstant) throw callError(name, `needs a literal for ${what} (argument ${index + 1})`);
  return arg.get();
}

/** A literal text; null when it is absent or null. Numbers are taken by their digits. */
export function literalText(
  name: string,
  args: readonly Operand[],
  index: number,
  what: string,
): string | null {
  const value = literalOf(name, args, index, what);
  return value === null ? null : asText(args[index]!)();
}

/** A literal text that must be there. */
export function neededText(
  name: string,
  args: readonly Operand[],
  index: number,
  what: string,
): string {
  const text = literalText(name, args, index, what);
  if (text === null) throw callError(name, `needs ${what} (argument ${index + 1}), got null`);
  return text;
}

/** True for operands that arithmetic functions do not take: they give null. */
export const isNotNumber = ({ type }: Operand): boolean =>
  type === 'STRING' || (type !== null && (isArrayType(type) || isComplexType(type)));
