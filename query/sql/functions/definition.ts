import type { JsonObject } from '../../../core/index.js';
import type { Rex, RexCall } from '../algebra/rex.js';
import type { SqlType } from '../algebra/types.js';
import type { Position } from '../position.js';

/** What a parameter takes; arguments of other types are cast. `any` takes all, `plain` all but sketches. */
export type ParameterKind =
  | 'any'
  | 'plain'
  | 'string'
  | 'number'
  | 'integer'
  | 'time'
  | 'boolean'
  | 'array'
  | 'unit';

export interface Parameter {
  readonly kind: ParameterKind;
  readonly optional: boolean;
  /** May be given any number of times; only the last parameter. */
  readonly repeated: boolean;
  /** Must be a constant. */
  readonly constant: boolean;
}

/** What all statements of one connection share. */
export interface FunctionContext {
  readonly timeZone: string;
  readonly nowMs: number;
}

export type ResultType = SqlType | ((args: readonly Rex[]) => SqlType);

interface Callable {
  /** In capitals, or an operator sign. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** One line for people; also shown by INFORMATION_SCHEMA.ROUTINES' signature. Empty for operators, which are not listed. */
  readonly doc: string;
}

/**
 * A scalar function: either `text` says how the call is written in the native expression
 * language, given its written arguments, or `expand` replaces the call by another expression
 * (synonyms, and forms that fill in defaults).
 */
export interface ScalarFunction extends Callable {
  readonly result: (args: readonly Rex[]) => SqlType;
  readonly text?: (args: readonly string[], call: RexCall) => string;
  readonly expand?: (args: readonly Rex[], context: FunctionContext, position: Position) => Rex;
}

/** What an aggregate function may ask for while it turns into native aggregators. */
export interface AggregateBuilder {
  /** The name of its output. */
  readonly name: string;
  /** The column that holds the expression: a stored one, or a virtual one made for it. */
  column(rex: Rex): string;
  /** The output name of a sketch that something is computed from: equal ones of one query are one aggregator. */
  shared(sketch: JsonObject): string;
  /** The native filter for a condition. */
  filter(rex: Rex): JsonObject;
  /** The output name of the grouped expression, for GROUPING. */
  dimension(rex: Rex): string;
}

/** The native form of an aggregate: aggregators, and the expression over them when the output is computed. */
interface NativeAggregate {
  readonly aggregators: readonly JsonObject[];
  readonly expression?: string;
}

export interface AggregateFunction extends Callable {
  readonly result: (args: readonly Rex[]) => SqlType;
  /** Whether DISTINCT means something to it. */
  readonly takesDistinct: boolean;
  plan(args: readonly Rex[], distinct: boolean, builder: AggregateBuilder): NativeAggregate;
}

/** Reads parameters written as `string integer? number* string!`: `?` optional, `*` repeated, `!` constant. */
export function parameters(text: string): Parameter[] {
  return text
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => ({
      kind: part.replace(/[?*!]/g, '') as ParameterKind,
      optional: /[?*]/.test(part),
      repeated: part.includes('*'),
      constant: part.includes('!') || part.startsWith('unit'),
    }));
}

type TextOf = (args: readonly string[], call: RexCall) => string;

/** A scalar function written as a native expression. */
export function scalar(
  name: string,
  takes: string,
  result: ResultType,
  text: TextOf | string,
  doc: string,
): ScalarFunction {
  return {
    name,
    parameters: parameters(takes),
    result: resultOf(result),
    text: typeof text === 'string' ? (args) => `${text}(${args.join(', ')})` : text,
    doc,
  };
}

/** A scalar function that stands for another expression; its result has that one's type. */
export function macro(
  name: string,
  takes: string,
  expand: NonNullable<ScalarFunction['expand']>,
  doc: string,
): ScalarFunction {
  return { name, parameters: parameters(takes), result: () => 'NULL', expand, doc };
}

function resultOf(result: ResultType): (args: readonly Rex[]) => SqlType {
  return typeof result === 'function' ? result : () => result;
}

/** The call of a function whose arguments are already of the right types. */
export function callOf(fn: ScalarFunction, args: readonly Rex[], position: Position): RexCall {
  return { kind: 'call', fn, args, type: fn.result(args), position };
}

const KIND_NAMES: Record<ParameterKind, string> = {
  any: 'ANY',
  plain: 'ANY',
  string: 'VARCHAR',
  number: 'NUMERIC',
  integer: 'BIGINT',
  time: 'TIMESTAMP',
  boolean: 'BOOLEAN',
  array: 'ARRAY',
  unit: 'UNIT',
};

/** `SUBSTRING(VARCHAR, BIGINT, [BIGINT])`. */
export function signature(callable: Callable): string {
  const parts = callable.parameters.map(({ kind, optional, repeated }) => {
    const name = repeated ? `${KIND_NAMES[kind]}...` : KIND_NAMES[kind];
    return optional ? `[${name}]` : name;
  });
  return `${callable.name}(${parts.join(', ')})`;
}
