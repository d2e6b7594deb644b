import type { Rex, RexCall } from '../algebra/rex.js';
import { isArray, isInterval, isTime, nativeType, type SqlType } from '../algebra/types.js';
import { type ScalarFunction, scalar } from './definition.js';
import { stringText } from './text.js';

/**
 * The operators of expressions. Not listed as routines. AND and OR take two or more operands; IN takes the value and
 * then constants; CASE takes condition, result, … and the ELSE at the end.
 */
const infix = (name: string, sign: string, result: SqlType | ((args: readonly Rex[]) => SqlType)) =>
  scalar(name, 'any any', result, (args) => `(${args.join(` ${sign} `)})`, '');

export const EQUALS = infix('=', '==', 'BOOLEAN');
export const NOT_EQUALS = infix('<>', '!=', 'BOOLEAN');
export const LESS = infix('<', '<', 'BOOLEAN');
export const LESS_OR_EQUAL = infix('<=', '<=', 'BOOLEAN');
export const GREATER = infix('>', '>', 'BOOLEAN');
export const GREATER_OR_EQUAL = infix('>=', '>=', 'BOOLEAN');

export const AND = scalar('AND', 'any*', 'BOOLEAN', (args) => `(${args.join(' && ')})`, '');
export const OR = scalar('OR', 'any*', 'BOOLEAN', (args) => `(${args.join(' || ')})`, '');
export const NOT = scalar('NOT', 'any', 'BOOLEAN', ([x]) => `(!${x})`, '');

export const IS_NULL = scalar('IS NULL', 'any', 'BOOLEAN', 'isnull', '');
export const IS_TRUE = scalar('IS TRUE', 'any', 'BOOLEAN', 'istrue', '');
export const IS_FALSE = scalar('IS FALSE', 'any', 'BOOLEAN', 'isfalse', '');
export const IS_NOT_NULL = scalar('IS NOT NULL', 'any', 'BOOLEAN', 'notnull', '');
export const IS_NOT_TRUE = scalar('IS NOT TRUE', 'any', 'BOOLEAN', 'nottrue', '');
export const IS_NOT_FALSE = scalar('IS NOT FALSE', 'any', 'BOOLEAN', 'notfalse', '');
export const DISTINCT_FROM = scalar('IS DISTINCT FROM', 'any any', 'BOOLEAN', 'isdistinctfrom', '');
export const NOT_DISTINCT_FROM = scalar(
  'IS NOT DISTINCT FROM',
  'any any',
  'BOOLEAN',
  'notdistinctfrom',
  '',
);
export const LIKE = scalar('LIKE', 'string string! string?!', 'BOOLEAN', 'like', '');

export const IN = scalar(
  'IN',
  'any any*!',
  'BOOLEAN',
  ([x, ...values]) => `(${values.map((value) => `(${x} == ${value})`).join(' || ')})`,
  '',
);

/** Numbers give DOUBLE unless all are BIGINT; a time plus or minus an interval is a time. */
function arithmeticType(args: readonly Rex[]): SqlType {
  const time = args.find((arg) => isTime(arg.type));
  if (time !== undefined) {
    return args.filter((arg) => isTime(arg.type)).length === 1 ? time.type : 'BIGINT';
  }
  const interval = args.find((arg) => isInterval(arg.type));
  if (interval !== undefined) return interval.type;
  return args.every(({ type }) => type === 'BIGINT' || type === 'NULL' || type === 'BOOLEAN')
    ? 'BIGINT'
    : 'DOUBLE';
}

export const PLUS = infix('+', '+', arithmeticType);
export const MINUS = infix('-', '-', arithmeticType);
export const TIMES = infix('*', '*', arithmeticType);
export const DIVIDE = infix('/', '/', arithmeticType);
export const REMAINDER = infix('%', '%', arithmeticType);
export const NEGATE = scalar('NEGATE', 'number', arithmeticType, ([x]) => `(-${x})`, '');

export const CONCATENATE = scalar('||', 'string string', 'VARCHAR', 'concat', '');

/** CASE gives the type the analyser worked out; see `caseOf` in analyse/. */
export const CASE = scalar('CASE', 'any any*', (args) => args.at(-1)!.type, 'case_searched', '');

export const ARRAY = scalar('ARRAY', 'any*', 'VARCHAR ARRAY', 'array', '');

/** Time to time of the same milliseconds, or any other cast the expression language has. */
export const CAST: ScalarFunction = scalar('CAST', 'any', 'VARCHAR', castText, '');

function castText([x]: readonly string[], call: RexCall): string {
  const from = call.args[0]!.type;
  const to = call.type;
  if (nativeType(from) === nativeType(to)) return x!;
  if (from === 'BOOLEAN' && to === 'VARCHAR') {
    return `case_searched(${x}, 'true', notnull(${x}), 'false', null)`;
  }
  if (from === 'VARCHAR' && to === 'BOOLEAN') {
    return `case_searched((lower(${x}) == 'true'), 1, (lower(${x}) == 'false'), 0, null)`;
  }
  // The expression language has no FLOAT: the column that holds the result rounds.
  const target = to === 'FLOAT' ? 'DOUBLE' : nativeType(to);
  return `cast(${x}, ${stringText(isArray(to) ? nativeType(to) : target)})`;
}

/** The expression without casts that change nothing for the engine, such as CAST(__time AS TIMESTAMP). */
export function unwrapped(rex: Rex): Rex {
  if (rex.kind !== 'call' || rex.fn !== CAST) return rex;
  const inner = rex.args[0]!;
  return nativeType(inner.type) === nativeType(rex.type) ? unwrapped(inner) : rex;
}

/** The operator that says the same with its sides exchanged. */
export const MIRRORED: ReadonlyMap<ScalarFunction, ScalarFunction> = new Map([
  [EQUALS, EQUALS],
  [NOT_EQUALS, NOT_EQUALS],
  [LESS, GREATER],
  [LESS_OR_EQUAL, GREATER_OR_EQUAL],
  [GREATER, LESS],
  [GREATER_OR_EQUAL, LESS_OR_EQUAL],
]);
